/**
 * What the original `vnctl` sends for its command lines: every parameter in the query, `.yml` as the suffix, a bare `?`
 * where there are none, no body. In an order in which each can be carried out.
 */
export const originalClient: readonly (readonly [command: string, ...requests: string[]])[] = [
  [
    'datapaths add --uuid dp-test1 --display-name test1 --dpid 0x0000aaaaaaaaaaaa --node-id vna',
    'POST /datapaths.yml?uuid=dp-test1&display_name=test1&dpid=0x0000aaaaaaaaaaaa&node_id=vna',
  ],
  [
    'datapaths add --uuid dp-test2 --display-name t --dpid 0x0000bbbbbbbbbbbb --node_id vna --no-enable-ovs-learn-action',
    'POST /datapaths.yml?uuid=dp-test2&display_name=t&dpid=0x0000bbbbbbbbbbbb&node_id=vna&enable_ovs_learn_action=false',
  ],
  ['datapaths show', 'GET /datapaths.yml?'],
  ['datapaths show --limit 5 --offset 10', 'GET /datapaths.yml?limit=5&offset=10'],
  ['datapaths show dp-test1 dp-test2', 'GET /datapaths/dp-test1.yml', 'GET /datapaths/dp-test2.yml'],
  [
    'datapaths modify dp-test1 --display-name foo --enable-ovs-learn-action false',
    'PUT /datapaths/dp-test1.yml?display_name=foo&enable_ovs_learn_action=false',
  ],
  ['segments add --uuid seg-a --mode virtual', 'POST /segments.yml?uuid=seg-a&mode=virtual'],
  ['segments show seg-a', 'GET /segments/seg-a.yml'],
  [
    'networks add --uuid nw-t --ipv4-network 10.0.0.0 --mode virtual --segment-uuid seg-a --domain-name "a b.c"',
    'POST /networks.yml?uuid=nw-t&ipv4_network=10.0.0.0&mode=virtual&segment_uuid=seg-a&domain_name=a+b.c',
  ],
  [
    'networks modify nw-t --display-name "hello world & more"',
    'PUT /networks/nw-t.yml?display_name=hello+world+%26+more',
  ],
  [
    'networks add --uuid nw-test1 --ipv4-network 10.100.0.0 --mode virtual',
    'POST /networks.yml?uuid=nw-test1&ipv4_network=10.100.0.0&mode=virtual',
  ],
  [
    'networks add --uuid nw-pub --ipv4-network 172.16.90.0 --network-mode physical',
    'POST /networks.yml?uuid=nw-pub&ipv4_network=172.16.90.0&network_mode=physical',
  ],
  [
    'interfaces add --uuid if-host1 --mode host --owner-datapath-uuid dp-test1 --mac-address 02:01:00:00:00:01 --network-uuid nw-pub --ipv4-address 172.16.90.10 --port-name eth0',
    'POST /interfaces.yml?uuid=if-host1&mode=host&owner_datapath_uuid=dp-test1&mac_address=02%3A01%3A00%3A00%3A00%3A01&network_uuid=nw-pub&ipv4_address=172.16.90.10&port_name=eth0',
  ],
  [
    'datapaths networks add dp-test1 nw-test1 --interface-uuid if-host1 --mac-address 02:00:00:aa:00:01',
    'POST /datapaths/dp-test1/networks/nw-test1.yml?interface_uuid=if-host1&mac_address=02%3A00%3A00%3Aaa%3A00%3A01',
  ],
  [
    'datapaths networks add dp-test1 nw-t --interface_uuid if-host1',
    'POST /datapaths/dp-test1/networks/nw-t.yml?interface_uuid=if-host1',
  ],
  ['datapaths networks show dp-test1', 'GET /datapaths/dp-test1/networks.yml?'],
  [
    'datapaths networks del dp-test1 nw-test1 nw-t',
    'DELETE /datapaths/dp-test1/networks/nw-test1.yml',
    'DELETE /datapaths/dp-test1/networks/nw-t.yml',
  ],
  [
    'datapaths segments add dp-test1 seg-a --interface-uuid if-host1',
    'POST /datapaths/dp-test1/segments/seg-a.yml?interface_uuid=if-host1',
  ],
  [
    'interfaces add --uuid if-inst1 --mode vif --owner-datapath-uuid dp-test1 --mac-address 10:54:ff:00:00:01 --network-uuid nw-test1 --ipv4-address 10.100.0.10 --port-name inst1',
    'POST /interfaces.yml?uuid=if-inst1&mode=vif&owner_datapath_uuid=dp-test1&mac_address=10%3A54%3Aff%3A00%3A00%3A01&network_uuid=nw-test1&ipv4_address=10.100.0.10&port_name=inst1',
  ],
  [
    'interfaces add --uuid if-r1 --network_uuid nw-test1 --mac-address "02:00:00:00:02:01" --ipv4_address 10.100.0.1 --mode simulated --enable_routing true',
    'POST /interfaces.yml?uuid=if-r1&network_uuid=nw-test1&mac_address=02%3A00%3A00%3A00%3A02%3A01&ipv4_address=10.100.0.1&mode=simulated&enable_routing=true',
  ],
  ['interfaces modify if-inst1 --enable-filtering', 'PUT /interfaces/if-inst1.yml?enable_filtering=true'],
  ['interfaces modify if-inst1 --no-enable-filtering', 'PUT /interfaces/if-inst1.yml?enable_filtering=false'],
  [
    'interfaces ports add if-inst1 --datapath-uuid dp-test2 --port-name eth9 --singular',
    'POST /interfaces/if-inst1/ports.yml?datapath_uuid=dp-test2&port_name=eth9&singular=true',
  ],
  ['interfaces ports show if-inst1', 'GET /interfaces/if-inst1/ports.yml?'],
  ['interfaces networks show if-inst1', 'GET /interfaces/if-inst1/networks.yml?'],
  [
    'interfaces networks modify if-inst1 nw-t --static true',
    'PUT /interfaces/if-inst1/networks/nw-t.yml?static=true',
  ],
  [
    'interfaces segments modify if-inst1 seg-a --static false',
    'PUT /interfaces/if-inst1/segments/seg-a.yml?static=false',
  ],
  [
    'mac_leases add --uuid ml-1 --interface-uuid if-inst1 --mac-address 02:00:00:00:00:01 --segment-uuid seg-a',
    'POST /mac_leases.yml?uuid=ml-1&interface_uuid=if-inst1&mac_address=02%3A00%3A00%3A00%3A00%3A01&segment_uuid=seg-a',
  ],
  ['mac_leases modify ml-1 --interface-uuid if-r1', 'PUT /mac_leases/ml-1.yml?interface_uuid=if-r1'],
  [
    'ip_leases add --uuid il-1 --network-uuid nw-t --ipv4-address 10.0.0.1 --mac-lease-uuid ml-1 --enable-routing',
    'POST /ip_leases.yml?uuid=il-1&network_uuid=nw-t&ipv4_address=10.0.0.1&mac_lease_uuid=ml-1&enable_routing=true',
  ],
  ['ip_leases release il-1', 'PUT /ip_leases/il-1/release.yml?'],
  ['ip_leases attach il-1 --mac-lease-uuid ml-1', 'PUT /ip_leases/il-1/attach.yml?mac_lease_uuid=ml-1'],
  ['ip_lease_containers add --uuid ilc-1', 'POST /ip_lease_containers.yml?uuid=ilc-1'],
  ['ip_lease_containers ip_leases ilc-1', 'GET /ip_lease_containers/ilc-1/ip_leases.yml'],
  [
    'ip_range_groups add --uuid iprg-1 --allocation-type incremental',
    'POST /ip_range_groups.yml?uuid=iprg-1&allocation_type=incremental',
  ],
  [
    'ip_range_groups ip_ranges add iprg-1 --begin-ipv4-address 10.100.0.1 --end-ipv4-address 10.100.0.9 --uuid ipr-1',
    'POST /ip_range_groups/iprg-1/ip_ranges.yml?begin_ipv4_address=10.100.0.1&end_ipv4_address=10.100.0.9&uuid=ipr-1',
  ],
  ['ip_range_groups ip_ranges show iprg-1', 'GET /ip_range_groups/iprg-1/ip_ranges.yml?'],
  [
    'ip_retention_containers add --uuid irc-1 --lease-time 90 --grace-time 60',
    'POST /ip_retention_containers.yml?uuid=irc-1&lease_time=90&grace_time=60',
  ],
  ['ip_retention_containers ip_retentions irc-1', 'GET /ip_retention_containers/irc-1/ip_retentions.yml'],
  [
    'lease_policies add --uuid lp-1 --timing immediate',
    'POST /lease_policies.yml?uuid=lp-1&timing=immediate',
  ],
  [
    'lease_policies networks add lp-1 nw-test1 --ip-range-group-uuid iprg-1',
    'POST /lease_policies/lp-1/networks/nw-test1.yml?ip_range_group_uuid=iprg-1',
  ],
  [
    'lease_policies ip_lease_containers add lp-1 ilc-1',
    'POST /lease_policies/lp-1/ip_lease_containers/ilc-1.yml?',
  ],
  [
    'lease_policies ip_retention_containers add lp-1 irc-1',
    'POST /lease_policies/lp-1/ip_retention_containers/irc-1.yml?',
  ],
  ['lease_policies interfaces add lp-1 if-inst1', 'POST /lease_policies/lp-1/interfaces/if-inst1.yml?'],
  ['lease_policies interfaces show lp-1', 'GET /lease_policies/lp-1/interfaces.yml?'],
  [
    'lease_policies ip_retention_containers del lp-1 irc-1',
    'DELETE /lease_policies/lp-1/ip_retention_containers/irc-1.yml',
  ],
  [
    'lease_policies ip_lease_containers del lp-1 ilc-1',
    'DELETE /lease_policies/lp-1/ip_lease_containers/ilc-1.yml',
  ],
  ['lease_policies interfaces del lp-1 if-inst1', 'DELETE /lease_policies/lp-1/interfaces/if-inst1.yml'],
  ['ip_range_groups ip_ranges del iprg-1 ipr-1', 'DELETE /ip_range_groups/iprg-1/ip_ranges/ipr-1.yml'],
  ['mac_range_groups add --uuid mrg-dpg', 'POST /mac_range_groups.yml?uuid=mrg-dpg'],
  [
    'mac_range_groups mac_ranges add mrg-dpg --begin_mac_address 52:56:01:00:00:00 --end_mac_address 52:56:01:ff:ff:ff',
    'POST /mac_range_groups/mrg-dpg/mac_ranges.yml?begin_mac_address=52%3A56%3A01%3A00%3A00%3A00&end_mac_address=52%3A56%3A01%3Aff%3Aff%3Aff',
  ],
  [
    'route_links add --uuid rl-1 --mac-address 02:00:10:00:00:01',
    'POST /route_links.yml?uuid=rl-1&mac_address=02%3A00%3A10%3A00%3A00%3A01',
  ],
  [
    'routes add --uuid r-1 --interface-uuid if-r1 --network-uuid nw-test1 --ipv4-network 10.100.0.0 --route-link-uuid rl-1 --ipv4-prefix 24 --ingress true --egress false',
    'POST /routes.yml?uuid=r-1&interface_uuid=if-r1&network_uuid=nw-test1&ipv4_network=10.100.0.0&route_link_uuid=rl-1&ipv4_prefix=24&ingress=true&egress=false',
  ],
  ['routes show', 'GET /routes.yml?'],
  ['routes show r-1', 'GET /routes/r-1.yml'],
  [
    'datapaths route_links add dp-test1 rl-1 --interface_uuid if-host1',
    'POST /datapaths/dp-test1/route_links/rl-1.yml?interface_uuid=if-host1',
  ],
  ['datapaths route_links show dp-test1', 'GET /datapaths/dp-test1/route_links.yml?'],
  [
    'interfaces route_links modify if-r1 rl-1 --static',
    'PUT /interfaces/if-r1/route_links/rl-1.yml?static=true',
  ],
  ['routes del r-1', 'DELETE /routes/r-1.yml?'],
  ['route_links show rl-1', 'GET /route_links/rl-1.yml'],
  [
    'network_services add --uuid ns-dhcp --interface-uuid if-r1 --mode dhcp',
    'POST /network_services.yml?uuid=ns-dhcp&interface_uuid=if-r1&mode=dhcp',
  ],
  [
    'network-services add --uuid ns-dns --interface-uuid if-r1 --mode dns',
    'POST /network_services.yml?uuid=ns-dns&interface_uuid=if-r1&mode=dns',
  ],
  [
    'dns_services add --uuid dnss-1 --network-service-uuid ns-dns --public-dns 8.8.8.8,8.8.4.4',
    'POST /dns_services.yml?uuid=dnss-1&network_service_uuid=ns-dns&public_dns=8.8.8.8%2C8.8.4.4',
  ],
  [
    'dns_services dns_records add dnss-1 --name vm1 --ipv4-address 10.0.0.1 --uuid dnsr-1',
    'POST /dns_services/dnss-1/dns_records.yml?name=vm1&ipv4_address=10.0.0.1&uuid=dnsr-1',
  ],
  ['dns_services dns_records show dnss-1', 'GET /dns_services/dnss-1/dns_records.yml?'],
  ['dns_services dns_records del dnss-1 dnsr-1', 'DELETE /dns_services/dnss-1/dns_records/dnsr-1.yml'],
  ['dns_services modify dnss-1 --public-dns 1.1.1.1', 'PUT /dns_services/dnss-1.yml?public_dns=1.1.1.1'],
  [
    'translations add --uuid tr-1 --interface-uuid if-r1 --mode static_address --passthrough',
    'POST /translations.yml?uuid=tr-1&interface_uuid=if-r1&mode=static_address&passthrough=true',
  ],
  [
    'translations static_address add tr-1 --ingress-ipv4-address 1.2.3.4 --egress-ipv4-address 10.0.0.1 --ingress-port-number 80 --egress-port-number 8080 --route-link-uuid rl-1 --ingress-network-uuid nw-pub --egress-network-uuid nw-t',
    'POST /translations/tr-1/static_address.yml?ingress_ipv4_address=1.2.3.4&egress_ipv4_address=10.0.0.1&ingress_port_number=80&egress_port_number=8080&route_link_uuid=rl-1&ingress_network_uuid=nw-pub&egress_network_uuid=nw-t',
  ],
  ['translations static_address show tr-1', 'GET /translations/tr-1/static_address.yml'],
  [
    'translations static_address del tr-1 --ingress-ipv4-address 1.2.3.4 --egress-ipv4-address 10.0.0.1',
    'DELETE /translations/tr-1/static_address.yml?ingress_ipv4_address=1.2.3.4&egress_ipv4_address=10.0.0.1',
  ],
  ['translations modify tr-1 --no-passthrough', 'PUT /translations/tr-1.yml?passthrough=false'],
  [
    'interfaces add --uuid if-edge --port-name trunk0 --mode edge --mac-address 02:01:00:00:00:0e --ipv4-address 0.0.0.0 --owner-datapath-uuid dp-test1',
    'POST /interfaces.yml?uuid=if-edge&port_name=trunk0&mode=edge&mac_address=02%3A01%3A00%3A00%3A00%3A0e&ipv4_address=0.0.0.0&owner_datapath_uuid=dp-test1',
  ],
  [
    'translations add --uuid tr-edge --interface-uuid if-edge --mode vnet_edge',
    'POST /translations.yml?uuid=tr-edge&interface_uuid=if-edge&mode=vnet_edge',
  ],
  [
    'vlan_translations add --uuid vt-1 --translation-uuid tr-edge --vlan-id 100 --network-uuid nw-test1',
    'POST /vlan_translations.yml?uuid=vt-1&translation_uuid=tr-edge&vlan_id=100&network_uuid=nw-test1',
  ],
  ['vlan_translations modify vt-1 --vlan-id 200', 'PUT /vlan_translations/vt-1.yml?vlan_id=200'],
  ['vlan_translations del vt-1', 'DELETE /vlan_translations/vt-1.yml'],
  [
    'topologies add --uuid topo-1 --mode simple_overlay',
    'POST /topologies.yml?uuid=topo-1&mode=simple_overlay',
  ],
  [
    'topologies add --uuid topo-2 --mode simple_underlay',
    'POST /topologies.yml?uuid=topo-2&mode=simple_underlay',
  ],
  ['topologies underlays add topo-1 topo-2', 'POST /topologies/topo-1/underlays/topo-2.yml?'],
  [
    'ip_leases add --uuid il-host1 --network-uuid nw-pub --ipv4-address 172.16.90.11 --interface-uuid if-host1',
    'POST /ip_leases.yml?uuid=il-host1&network_uuid=nw-pub&ipv4_address=172.16.90.11&interface_uuid=if-host1',
  ],
  [
    'topologies datapaths add topo-2 dp-test1 --interface-uuid if-host1 --ip-lease-uuid il-host1',
    'POST /topologies/topo-2/datapaths/dp-test1.yml?interface_uuid=if-host1&ip_lease_uuid=il-host1',
  ],
  ['topologies mac_range_groups add topo-2 mrg-dpg', 'POST /topologies/topo-2/mac_range_groups/mrg-dpg.yml?'],
  ['topologies networks add topo-1 nw-test1', 'POST /topologies/topo-1/networks/nw-test1.yml?'],
  [
    'networks add --uuid nw-u --ipv4-network 10.9.0.0 --mode virtual --segment-uuid seg-a --topology-uuid topo-1 --domain-name "a b.c"',
    'POST /networks.yml?uuid=nw-u&ipv4_network=10.9.0.0&mode=virtual&segment_uuid=seg-a&topology_uuid=topo-1&domain_name=a+b.c',
  ],
  [
    'segments add --uuid seg-b --mode virtual --topology-uuid topo-1',
    'POST /segments.yml?uuid=seg-b&mode=virtual&topology_uuid=topo-1',
  ],
  [
    'route_links add --uuid rl-2 --mac-address 02:00:10:00:00:02 --topology-uuid topo-1',
    'POST /route_links.yml?uuid=rl-2&mac_address=02%3A00%3A10%3A00%3A00%3A02&topology_uuid=topo-1',
  ],
  ['topologies route_links show topo-1', 'GET /topologies/topo-1/route_links.yml?'],
  ['topologies segments del topo-1 seg-b', 'DELETE /topologies/topo-1/segments/seg-b.yml'],
  ['topologies del topo-1', 'DELETE /topologies/topo-1.yml?'],
  [
    'filters add --uuid fil-1 --interface-uuid if-inst1 --mode static --ingress-passthrough --egress-passthrough false',
    'POST /filters.yml?uuid=fil-1&interface_uuid=if-inst1&mode=static&ingress_passthrough=true&egress_passthrough=false',
  ],
  [
    'filters static add fil-1 --protocol tcp --src-address 0.0.0.0/0 --dst-address 10.0.0.0/24 --src-port 0 --dst-port 80 --action pass',
    'POST /filters/fil-1/static.yml?protocol=tcp&src_address=0.0.0.0%2F0&dst_address=10.0.0.0%2F24&src_port=0&dst_port=80&action=pass',
  ],
  ['filters static show fil-1', 'GET /filters/fil-1/static.yml'],
  [
    'filters static del fil-1 --protocol tcp --dst-address 10.0.0.0/24 --dst-port 80',
    'DELETE /filters/fil-1/static.yml?protocol=tcp&dst_address=10.0.0.0%2F24&dst_port=80',
  ],
  // Version 0.9: machines without a mode, and rules of filters in other words.
  [
    'interfaces add --uuid if-v09 --port-name if-v09 --network-uuid nw-test1 --mac-address 02:00:00:00:00:09 --ipv4-address 10.100.0.19',
    'POST /interfaces.yml?uuid=if-v09&port_name=if-v09&network_uuid=nw-test1&mac_address=02%3A00%3A00%3A00%3A00%3A09&ipv4_address=10.100.0.19',
  ],
  [
    'interfaces add --uuid if-v08 --ingress-filtering-enabled',
    'POST /interfaces.yml?uuid=if-v08&ingress_filtering_enabled=true',
  ],
  [
    'filters static add fil-1 --protocol udp --passthrough --ipv4-address 10.100.0.19 --port-number 1344',
    'POST /filters/fil-1/static.yml?protocol=udp&passthrough=true&ipv4_address=10.100.0.19&port_number=1344',
  ],
  [
    'filters static del fil-1 --protocol udp --passthrough --ipv4-address 10.100.0.19 --port-number 1344',
    'DELETE /filters/fil-1/static.yml?protocol=udp&passthrough=true&ipv4_address=10.100.0.19&port_number=1344',
  ],
  ['filters modify fil-1 --no-ingress-passthrough', 'PUT /filters/fil-1.yml?ingress_passthrough=false'],
  [
    'security_groups add --uuid sg-1 --display-name a --description d --rules tcp:22:10.101.0.12',
    'POST /security_groups.yml?uuid=sg-1&display_name=a&description=d&rules=tcp%3A22%3A10.101.0.12',
  ],
  ['security_groups interfaces add sg-1 if-inst1', 'POST /security_groups/sg-1/interfaces/if-inst1.yml?'],
  ['security_groups modify sg-1 --rules udp:53:sg-1', 'PUT /security_groups/sg-1.yml?rules=udp%3A53%3Asg-1'],
  ['security_groups interfaces del sg-1 if-inst1', 'DELETE /security_groups/sg-1/interfaces/if-inst1.yml'],
  ['interfaces security_groups add if-inst1 sg-1', 'POST /interfaces/if-inst1/security_groups/sg-1.yml?'],
  [
    'interfaces modify if-inst1 --ingress-filtering-enabled',
    'PUT /interfaces/if-inst1.yml?ingress_filtering_enabled=true',
  ],
  ['interfaces rename if-inst1 --new-uuid if-inst9', 'PUT /interfaces/if-inst1/rename.yml?new_uuid=if-inst9'],
  [
    'network_services add --uuid ns-old --interface-uuid if-r1 --type dhcp',
    'POST /network_services.yml?uuid=ns-old&interface_uuid=if-r1&type=dhcp',
  ],
  ['segments del seg-a', 'DELETE /segments/seg-a.yml?'],
  ['datapaths del dp-test1 dp-test2', 'DELETE /datapaths/dp-test1.yml?', 'DELETE /datapaths/dp-test2.yml?'],
]
