import { parameter } from 'openvnet'

const digits = 16
const problem = 'must be above 0, in 1 to 16 hexadecimal digits with or without 0x'

/** A datapath id: up to 16 hexadecimal digits, with or without 0x; `0x` and 16 lower case digits once it is validated. */
export const dpid = parameter.described(
  parameter.parsed((text) => {
    const hexadecimal = /^(?:0x)?([0-9a-f]{0,16})$/i.exec(text)?.[1]
    if (hexadecimal === undefined) return { problem }
    const padded = hexadecimal.toLowerCase().padStart(digits, '0')
    // Open vSwitch never has it: it takes 0 for "none configured".
    if (/^0+$/.test(padded)) return { problem }
    return { value: `0x${padded}` }
  }),
  'the datapath id of its switch: up to 16 hexadecimal digits, with or without 0x',
)
