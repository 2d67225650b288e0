/** Mutual TLS: the files, what Bun's sockets need of them, and whether the other end may be believed. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { failure, type Result, success } from '../../problem.ts'

/** Paths of PEM files. */
export interface TlsFiles {
  readonly key: string
  readonly cert: string
  /** The authority, or authorities, that both ends' certificates come from. */
  readonly ca: string
}

/** The files' contents. */
export interface TlsMaterial {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

/** The part of a Bun socket that tells about its TLS peer. */
export interface SecureSocket {
  readonly authorized: boolean
  getPeerCertificate(): { readonly subject?: { readonly CN?: string | readonly string[] } } | undefined
}

/** Reads and checks the files. Fails with the file that is missing or not what it should be. */
export async function readTls(files: TlsFiles): Promise<Result<TlsMaterial>> {
  const key = await readPem(files.key, 'a private key', (text) => createPrivateKey(text))
  if (!key.ok) return key
  const certificate = await readPem(files.cert, 'a certificate', (text) => new X509Certificate(text))
  if (!certificate.ok) return certificate
  const authority = await readPem(files.ca, 'a certificate', (text) => new X509Certificate(text))
  if (!authority.ok) return authority
  if (!new X509Certificate(certificate.value).checkPrivateKey(createPrivateKey(key.value))) {
    return failure({ what: 'the key is not that of the certificate', where: files.key })
  }
  return success({ key: key.value, cert: certificate.value, ca: authority.value })
}

async function readPem(
  path: string,
  expected: string,
  check: (text: string) => unknown,
): Promise<Result<string>> {
  try {
    const text = await readFile(path, 'utf8')
    check(text)
    return success(text)
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error)
    return failure({
      what: 'cannot use this file for TLS',
      where: path,
      expected: `${expected} in PEM`,
      received,
    })
  }
}

/**
 * The common name in the verified certificate of the other end. Bun reports a handshake as successful for a certificate of any
 * issuer: only `authorized` tells. A dialled switch's certificate names its datapath, not its host, so there a wrong host name,
 * which is looked at only after the chain of issuers was found good, is no objection.
 */
export function verifiedName(
  socket: SecureSocket,
  direction: 'dialled' | 'accepted',
  error: Error | null,
): Result<string> {
  const code = (error as { code?: string } | null)?.code
  const chainHolds = socket.authorized || (direction === 'dialled' && code === 'ERR_TLS_CERT_ALTNAME_INVALID')
  const name = chainHolds ? socket.getPeerCertificate()?.subject?.CN : undefined
  if (typeof name === 'string' && name !== '') return success(name)
  return failure({
    what: chainHolds ? 'the certificate has no single common name' : 'the certificate is not to be trusted',
    where: 'tls',
    expected: 'a certificate of our authority that names a datapath id or a node',
    received: code ?? error?.message ?? 'none',
  })
}

/** Whether a certificate with this name may speak for the datapath: it names the datapath id (16 hexadecimal digits) or its node. */
export function mayRepresent(name: string, datapathId: string, owner: string | null): boolean {
  return name.toLowerCase() === datapathId.slice('0x'.length) || (owner !== null && name === owner)
}
