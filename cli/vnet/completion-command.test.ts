import { expect, test } from 'bun:test'
import { resolve } from 'node:path'

const vnet = resolve(import.meta.dir, '../../bin/vnet')
const text = (command: string[]) => Bun.spawnSync(command).stdout.toString()
const script = text([vnet, 'completion'])
const complete = (...words: string[]) =>
  text([
    'bash',
    '-c',
    `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vnet; echo "\${COMPREPLY[@]}"`,
    'bash',
    'vnet',
    ...words,
  ])
    .trim()
    .split(' ')

test('bash completes commands and their options, and leaves values to itself', () => {
  expect(complete('')).toEqual(['host', 'dev', 'bridge', 'demo', 'completion', '--help', '--version'])
  expect(complete('br')).toEqual(['bridge'])
  expect(complete('host', '--')).toEqual(expect.arrayContaining(['--db', '--node-id', '--config']))
  expect(complete('bridge', 'br0', '--u')).toEqual(['--user-space'])
  expect(complete('demo', '--on')).toEqual(['--once'])
  expect(complete('host', '--state', '')).toEqual([''])
  expect(complete('nothing', '--')).toEqual([''])
})
