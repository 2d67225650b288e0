/** Security groups as the API answers them. */
import { answer, type Row } from 'openvnet'
import { uuidField } from '../common/fields.ts'

const { from, list, nullable, shape, text } = answer

type Group = Row<'securityGroups'>

export const securityGroup = shape(
  'SecurityGroup',
  'Interfaces that trust each other, and whom else they hear.',
  {
    uuid: uuidField('securityGroups', 'its name in the API'),
    display_name: text('a name for people'),
    rules: nullable(text('its rules, as they were given')),
    description: nullable(text('more for people')),
  },
)

export const securityGroupInterfaces = shape('SecurityGroupInterfaces', 'Who is in a security group.', {
  uuid: uuidField('securityGroups', 'the group'),
  interfaces: from(list(uuidField('interfaces', 'an interface of the group')), ({ id }: Group, state) =>
    state.securityGroupInterfaces
      .many('group', id)
      .map(({ interface_id }) => state.interfaces.get(interface_id)!.uuid),
  ),
})

export const interfaceSecurityGroups = shape(
  'InterfaceSecurityGroups',
  'The security groups of an interface.',
  {
    uuid: uuidField('interfaces', 'the interface'),
    security_groups: from(
      list(uuidField('securityGroups', 'a group that it is in')),
      ({ id }: Row<'interfaces'>, state) =>
        state.securityGroupInterfaces
          .many('interface', id)
          .map(({ security_group_id }) => state.securityGroups.get(security_group_id)!.uuid),
    ),
  },
)
