import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openTestApi, type TestApi } from '../testing.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
  await api.call('POST', '/interfaces', { uuid: 'if-s', mode: 'simulated' })
  for (const uuid of ['if-a', 'if-b']) await api.call('POST', '/interfaces', { uuid, mode: 'vif' })
  await add({ uuid: 'lb-1' })
})
afterEach(() => api.dispose())

const at = { interface_uuid: 'if-s', ipv4_address: '10.0.0.80', port_number: 80 }
const add = (values: object) => api.call('POST', '/load_balancers', { ...at, ...values })
const addMember = (values: object) => api.call('POST', '/load_balancers/lb-1/members', values)
const refusal = ({ status, json }: Awaited<ReturnType<typeof add>>) => [status, json.code, json.message]

test('a load balancer is of a simulated interface, at an address and a port, and goes with it', async () => {
  const { status, json } = await add({ uuid: 'lb-2', protocol: 'udp', health_check: 'icmp' })
  expect([status, json]).toMatchObject([
    200,
    {
      ...{ id: 2, uuid: 'lb-2', ...at, protocol: 'udp', display_name: null, interface_id: 1 },
      ...{ health_check: 'icmp', health_interval: 5, health_failures: 3 },
      ...{ health_path: '/', health_status_min: 200, health_status_max: 399 },
    },
  ])
  await addMember({ interface_uuid: 'if-a' })
  await api.call('DELETE', '/interfaces/if-s')
  expect([api.view.loadBalancers.size, api.view.loadBalancerMembers.size]).toEqual([0, 0])
})

test.each([
  [{ interface_uuid: 'if-a' }, [400, '110', expect.stringContaining('if-a must be a simulated interface')]],
  [{ interface_uuid: 'if-none' }, [404, '100', 'Interface#interface_uuid: if-none']],
  [{}, [409, '115', "port_number: 10.0.0.80:80 tcp is lb-1's already"]],
  [{ port_number: 0 }, [400, '110', expect.stringContaining('port_number')]],
  [{ protocol: 'icmp' }, [400, '110', expect.stringContaining('protocol')]],
  [{ port_number: 81, health_interval: 0 }, [400, '110', expect.stringContaining('health_interval')]],
  [{ ipv4_address: undefined }, [400, '111', 'ipv4_address']],
  [{ port_number: 81, health_path: 'x' }, [400, '110', expect.stringContaining('health_path')]],
  [{ port_number: 81, health_path: '/a b' }, [400, '110', expect.stringContaining('health_path')]],
  [{ port_number: 81, health_path: '/\r\nX: y' }, [400, '110', expect.stringContaining('health_path')]],
  [{ port_number: 81, health_status_min: 99 }, [400, '110', expect.stringContaining('health_status_min')]],
  [
    { port_number: 81, health_status_max: 199 },
    [400, '110', expect.stringContaining('200 is above health_status_max, 199')],
  ],
])('a load balancer of %j is refused', async (values, expected) => {
  expect(refusal(await add(values))).toEqual(expected as never)
})

test('a member is an interface or an address, once', async () => {
  expect((await addMember({ uuid: 'lbm-1', interface_uuid: 'if-a' })).json).toMatchObject({
    ...{ id: 1, uuid: 'lbm-1', load_balancer_id: 1, interface_uuid: 'if-a', ipv4_address: null },
    ...{ port_number: 80, weight: 1, enabled: true, draining: false, health: 'unknown' },
  })
  expect((await addMember({ ipv4_address: '10.0.0.9', port_number: 8080 })).json).toMatchObject({
    ...{ interface_id: null, interface_uuid: null, ipv4_address: '10.0.0.9', port_number: 8080 },
  })
  expect(refusal(await addMember({ interface_uuid: 'if-a' }))).toEqual([409, '112', 'lb-1 <=> lbm-1'])
  expect(refusal(await addMember({}))).toEqual([400, '111', 'interface_uuid'])
  expect(refusal(await addMember({ interface_uuid: 'if-b', ipv4_address: '10.0.0.9' }))).toEqual([
    400,
    '110',
    'ipv4_address: the member is an interface already',
  ])
})

test('a member is changed and deleted by way of its own load balancer', async () => {
  await addMember({ uuid: 'lbm-1', interface_uuid: 'if-a' })
  await add({ uuid: 'lb-2', port_number: 81 })
  const path = '/load_balancers/lb-1/members/lbm-1'
  expect((await api.call('PUT', path, { weight: 7, draining: 'yes' })).json).toMatchObject({
    ...{ weight: 7, draining: true, enabled: true },
  })
  expect((await api.call('PUT', '/load_balancers/lb-2/members/lbm-1', {})).json.code).toBe('114')
  await api.write((draft) => void draft.loadBalancerMembers.update(1, { health: 'down' }))
  await api.call('PUT', '/load_balancers/lb-1', { health_interval: 9 })
  expect(api.view.loadBalancerMembers.get(1)?.health).toBe('down')
  await api.call('PUT', '/load_balancers/lb-1', { health_check: 'tcp' })
  expect(api.view.loadBalancerMembers.get(1)?.health).toBe('unknown')
  expect((await api.call('DELETE', path)).json).toEqual(['lbm-1'])
  expect((await api.call('DELETE', path)).json.code).toBe('100')
})
