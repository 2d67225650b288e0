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
    // The name of a version before: it stands for nothing.
    const former = await api.call('POST', '/network_services', { type: 'dhcp' })
    expect([former.status, former.json.code, former.json.message]).toEqual([400, '111', 'mode'])
    expect(
      (await api.call('PUT', '/network_services/ns-dhcp', { display_name: 'x' })).json.display_name,
    ).toBe('x')
    await api.call('DELETE', '/interfaces/if-dhcp')
    expect((await api.call('GET', '/network_services')).json.total_count).toBe(0)
  } finally {
    await api.dispose()
  }
})
