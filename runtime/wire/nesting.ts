/** Actions in actions, messages in messages. The same as Open vSwitch's own limit for nested actions. */
export const nesting_depth_max = 100
