/** Security groups: interfaces that trust each other, and rules for whom else they hear and what they may say. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { newUuidOf, uuidOf } from '../common/models.ts'
import { networkInterface } from '../interfaces/present.ts'
import { rules } from './parameters.ts'
import { securityGroup, securityGroupInterfaces } from './present.ts'

const { page } = answer
const { described, optional, paging, text } = parameter
const keys = { uuid: uuidOf('securityGroups') }
const pair = { ...keys, interface_uuid: uuidOf('interfaces') }
const description = described(optional(text), 'more for people')

export const securityGroups = resource('security_groups', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a security group.',
    parameters: {
      uuid: newUuidOf('securityGroups'),
      display_name: described(text, 'a name for people'),
      description,
      rules,
    },
    answers: securityGroup,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists security groups.',
    parameters: paging,
    answers: page(securityGroup),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a security group.',
    keys,
    answers: securityGroup,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a security group. What a rule had let pass ends with it.',
    keys,
    parameters: { display_name: described(optional(text), 'a name for people'), description, rules },
    answers: securityGroup,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a security group. Rules of others that name it are about nobody from then on.',
    keys,
    answers: removed('securityGroups'),
  }),
  addInterface: operation({
    method: 'POST',
    path: '/:uuid/interfaces/:interface_uuid',
    summary: 'Puts an interface into a security group.',
    keys: pair,
    answers: securityGroupInterfaces,
    refusals: ['RelationAlreadyExists'],
  }),
  listInterfaces: operation({
    method: 'GET',
    path: '/:uuid/interfaces',
    summary: 'Lists the interfaces of a security group.',
    keys,
    parameters: paging,
    answers: page(networkInterface),
  }),
  removeInterface: operation({
    method: 'DELETE',
    path: '/:uuid/interfaces/:interface_uuid',
    summary: 'Takes an interface out of a security group.',
    keys: pair,
    answers: securityGroupInterfaces,
    refusals: ['UnknownResource'],
  }),
})
