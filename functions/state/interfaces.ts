/** What the mode of an interface means. */
import type { InterfaceMode } from 'openvnet'

/** Who sends with addresses of its own, and is sent what is sent to all. */
const endpoints = {
  vif: true,
  internal: true,
  patch: true,
  host: false,
  promiscuous: false,
  remote: false,
  simulated: false,
  edge: false,
} as const satisfies Record<InterfaceMode, boolean>

export const isEndpoint = (mode: InterfaceMode): boolean => endpoints[mode]
