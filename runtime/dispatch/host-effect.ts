import type { Effect, ExchangeEffect, PacketOutEffect, RememberEffect } from '../openvnet/effects.ts'

/** What is left to do for an event after its packet-outs: copies that belong to the host alone. */
export type HostEffect =
  | Exclude<
      Effect,
      | PacketOutEffect
      | {
          type:
            | 'release'
            | 'continue'
            | 'call'
            | 'exchange'
            | 'remember'
            | 'send-on'
            | 'put-flow'
            | 'forget-connection'
        }
    >
  | {
      readonly type: 'release'
      readonly key: string
      readonly port: number
      readonly actions: Uint8Array | null
    }
  | { readonly type: 'continue'; readonly table: number }
  | { readonly type: 'send-on'; readonly dpid: string; readonly bytes: Uint8Array }
  | { readonly type: 'call'; readonly name: string; readonly payload: string }
  | (Omit<RememberEffect, 'share'> & { readonly share: string })
  | (Omit<ExchangeEffect, 'payload' | 'join'> & { readonly payload: string; readonly join: string })
