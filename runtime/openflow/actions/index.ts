/** @module All actions: OpenFlow's, Nicira's and ONF's. */
import { type Infer, type Node, union } from '../../wire/index.ts'
import { type CloneAction, type ConntrackAction, clone, conntrack, nat } from './conntrack.ts'
import { controlActions } from './nicira-control.ts'
import { fieldActions } from './nicira-fields.ts'
import { standardActions, unknownAction } from './standard.ts'

type Plain =
  | (typeof standardActions)[number]
  | (typeof fieldActions)[number]
  | (typeof controlActions)[number]
  | typeof nat
  | typeof unknownAction

/** An action; of an unknown type where `type` is a number. */
export type Action = Infer<Plain> | ConntrackAction | CloneAction

export const action: Node<Action> = union('action', [
  ...standardActions,
  ...fieldActions,
  ...controlActions,
  nat,
  conntrack,
  clone,
  unknownAction,
] as const)
