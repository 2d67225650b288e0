/** The hypervisors of the demo with the machines that a test names, by node. */
import { demoPlan, type LabPlan } from '../../../cli/lab/plan.ts'

/** `{ node1: ['red1', 'red2'], … }`; MAC addresses are made up. */
export const planOf = (machines: Readonly<Record<string, readonly string[]>>): LabPlan => ({
  ...demoPlan,
  hypervisors: demoPlan.hypervisors
    .filter(({ name }) => machines[name] !== undefined)
    .map((hypervisor, node) => ({
      ...hypervisor,
      machines: machines[hypervisor.name]!.map((name, i) => ({ name, mac: `52:54:00:01:0${node}:0${i}` })),
    })),
})
