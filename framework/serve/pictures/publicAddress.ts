import ipaddr from "ipaddr.js";

/**
 * Whether an address is one of the public Internet's: not of this machine, a private network, a link, a
 * group, a way to embed or translate other addresses, or reserved.
 *
 * Source: IANA's registries of special-purpose addresses (RFC 6890); RFC 4291 for 2000::/3.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address); // an IPv4 address in IPv6's form is one of IPv4
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast);
}

/** The only addresses of IPv6 that are given out; others are old forms, or kept for later. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
