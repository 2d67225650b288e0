import { expect, test } from 'bun:test'
import { openTestApi } from '../testing.ts'

test('a service belongs to an interface, and goes with it', async () => {
  const api = await openTestApi()
  try {
    await api.call('POST', '/interfaces', { uuid: 'if-dhcp', mode: 'simulated' })
    const body = { uuid: 'ns-dhcp', interface_uuid: 'if-dhcp', mode: 'dhcp', incoming_port: '67' }
    expect((await api.call('POST', '/network_services', body)).json).toMatchObject({
      mode: 'dhcp',
      incoming_port: 67,
      outgoing_port: null,
      interface: { uuid: 'if-dhcp', mode: 'simulated' },
      interface_uuid: 'if-dhcp',
    })
    // By the name that the mode had in a version before.
    const former = await api.call('POST', '/network_services', { type: 'dns' })
    expect([former.status, former.json.mode]).toEqual([200, 'dns'])
    await api.call('DELETE', `/network_services/${former.json.uuid}`)
    const none = await api.call('POST', '/network_services', {})
    expect([none.status, none.json.code, none.json.message]).toEqual([400, '111', 'mode'])
    expect(
      (await api.call('PUT', '/network_services/ns-dhcp', { display_name: 'x' })).json.display_name,
    ).toBe('x')
    await api.call('DELETE', '/interfaces/if-dhcp')
    expect((await api.call('GET', '/network_services')).json.total_count).toBe(0)
  } finally {
    await api.dispose()
  }
})

test('a service that could never work is refused', async () => {
  const api = await openTestApi()
  try {
    await api.call('POST', '/interfaces', { uuid: 'if-s', mode: 'simulated' })
    await api.call('POST', '/interfaces', { uuid: 'if-vm', mode: 'vif' })
    const add = async (body: object) => {
      const { status, json } = await api.call('POST', '/network_services', body)
      return status === 200 ? 'added' : `${json.code} ${json.message.split(':')[0]}`
    }
    const onServer = { interface_uuid: 'if-s' }
    expect(await add({ ...onServer, mode: 'dhcp', incoming_port: 67, outgoing_port: 68 })).toBe('added')
    expect(await add({ ...onServer, mode: 'dns', incoming_port: 53 })).toBe('added')
    expect(await add({ interface_uuid: 'if-vm', mode: 'router', incoming_port: 1 })).toBe('added')
    expect(await add({ mode: 'dhcp' })).toBe('added')
    for (const mode of ['dhcp', 'dns'])
      expect(await add({ interface_uuid: 'if-vm', mode })).toBe('110 interface_uuid')
    expect(await add({ ...onServer, mode: 'dhcp', incoming_port: 1067 })).toBe('110 incoming_port')
    expect(await add({ ...onServer, mode: 'dhcp', outgoing_port: 1068 })).toBe('110 outgoing_port')
    expect(await add({ ...onServer, mode: 'dns', incoming_port: 5353 })).toBe('110 incoming_port')
  } finally {
    await api.dispose()
  }
})

test('a DHCP service says what machines boot; no other does, and nothing that is wrong', async () => {
  const api = await openTestApi()
  try {
    await api.call('POST', '/interfaces', { uuid: 'if-dhcp', mode: 'simulated' })
    const boot = { next_server_ipv4_address: '10.0.0.9', boot_files: 'efi:a.efi,ipxe:http://b/c,*:d' }
    const body = { uuid: 'ns-dhcp', interface_uuid: 'if-dhcp', mode: 'dhcp', ...boot }
    expect((await api.call('POST', '/network_services', body)).json).toMatchObject(boot)
    const change = async (changes: object, uuid = 'ns-dhcp') =>
      (await api.call('PUT', `/network_services/${uuid}`, changes)).json
    expect(await change({ display_name: 'x' })).toMatchObject(boot)
    expect(await change({ next_server_ipv4_address: '0.0.0.0', boot_files: '' })).toMatchObject({
      next_server_ipv4_address: null,
      boot_files: null,
    })
    const wrong = ['a', 'x86:a', 'efi:', 'efi:a,efi:b', '70000:a', `efi:${'a'.repeat(128)}`, 'efi:a,']
    for (const boot_files of wrong)
      expect([boot_files, (await change({ boot_files })).code]).toEqual([boot_files, '110'])
    await api.call('POST', '/network_services', { uuid: 'ns-dns', mode: 'dns' })
    expect((await change({ boot_files: 'efi:a' }, 'ns-dns')).message).toContain('only services of mode dhcp')
  } finally {
    await api.dispose()
  }
})
