export const interfaceModes = [
  'host',
  'internal',
  'patch',
  'promiscuous',
  'remote',
  'simulated',
  'vif',
  'edge',
] as const
