/** Actions in actions, messages in messages. The same as Open vSwitch's own limit for nested actions. */
export const nestingDepthMax = 100
