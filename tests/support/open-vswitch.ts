/** The lab's Open vSwitch, with what tests of it need. */
export { runCommand } from '../../cli/lab/command.ts'
export { eventually } from '../../cli/lab/eventually.ts'
export { type OpenVswitch, startOpenVswitch } from '../../cli/lab/open-vswitch.ts'
