/** Certificates for tests, made by openssl. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsFiles } from './tls.ts'

export interface Authority {
  /** The path of its certificate. */
  readonly certificate: string
  /** Key and certificate with this common name; `expired` ended yesterday. */
  issue(commonName: string, options?: { readonly expired?: boolean }): TlsFiles
  remove(): void
}

function openssl(...args: string[]) {
  const { success, stderr } = Bun.spawnSync(['openssl', ...args], { stdin: 'ignore', stderr: 'pipe' })
  if (!success) throw new Error(`openssl ${args[0]}: ${stderr.toString()}`)
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A new authority in a folder of its own. */
export function createAuthority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'pki-'))
  const path = (file: string) => join(folder, file)
  const certificate = path('ca.pem')
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    path('ca.key'),
    '-out',
    certificate,
    '-subj',
    `/CN=${name}`,
    '-days',
    '2',
  )
  let issued = 0
  return {
    certificate,
    issue(commonName, { expired = false } = {}) {
      const base = path(`${++issued}`)
      const files = { key: `${base}.key`, cert: `${base}.pem`, ca: certificate }
      writeFileSync(`${base}.cnf`, 'subjectAltName=DNS:nowhere.invalid\n')
      openssl('req', ...newKey, '-keyout', files.key, '-out', `${base}.csr`, '-subj', `/CN=${commonName}`)
      const signer = ['-CA', certificate, '-CAkey', path('ca.key'), '-CAcreateserial']
      const days = expired ? '-1' : '2'
      openssl(
        'x509',
        '-req',
        '-in',
        `${base}.csr`,
        ...signer,
        '-out',
        files.cert,
        '-days',
        days,
        '-extfile',
        `${base}.cnf`,
      )
      return files
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
