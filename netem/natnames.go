package netem

import (
	"time"

	"github.com/pion/transport/v3/vnet"
)

// NAT names what stands between a host and the world, as people speak of it (RFC 3489's names, RFC 4787's meaning). The
// zero NAT is [NATNone].
type NAT string

// The NATs. Mapping and filtering are RFC 4787's terms; all but the last are vnet's NAT types.
const (
	NATNone           NAT = "none"            // a public address
	NATFullCone       NAT = "full-cone"       // endpoint-independent mapping and filtering
	NATRestricted     NAT = "restricted"      // endpoint-independent mapping, address-dependent filtering
	NATPortRestricted NAT = "port-restricted" // endpoint-independent mapping, address and port-dependent filtering
	NATSymmetric      NAT = "symmetric"       // address and port-dependent mapping and filtering
	NATBlocked        NAT = "blocked"         // a firewall: applications' UDP is dropped, streams pass (RFC 9308 s. 2: 3-5 %)
)

// natMappingLife is how long an unused mapping lives. RFC 4787 REQ-5: not less than two minutes. (Devices with 30 s
// exist; WebRTC's consent checks every 5 s (RFC 7675) keep mappings open in either.)
const natMappingLife = 2 * time.Minute

type natKind struct {
	behaviour *vnet.NATType // nil: no translation
	blocked   bool
}

var nats = newRegistry[natKind]("NAT")

// NATNames lists the NATs, the most open first.
func NATNames() []string { return nats.list() }

// Valid tells whether there is such a NAT; "" is [NATNone].
func (n NAT) Valid() bool {
	_, ok := nats.lookup(string(n.orNone()))
	return ok
}

func (n NAT) orNone() NAT {
	if n == "" {
		return NATNone
	}
	return n
}

func nat(mapping, filtering vnet.EndpointDependencyType) natKind {
	return natKind{behaviour: &vnet.NATType{
		Mode:              vnet.NATModeNormal,
		MappingBehavior:   mapping,
		FilteringBehavior: filtering,
		MappingLifeTime:   natMappingLife,
	}}
}

func init() {
	nats.register(string(NATNone), natKind{})
	nats.register(string(NATFullCone), nat(vnet.EndpointIndependent, vnet.EndpointIndependent))
	nats.register(string(NATRestricted), nat(vnet.EndpointIndependent, vnet.EndpointAddrDependent))
	nats.register(string(NATPortRestricted), nat(vnet.EndpointIndependent, vnet.EndpointAddrPortDependent))
	nats.register(string(NATSymmetric), nat(vnet.EndpointAddrPortDependent, vnet.EndpointAddrPortDependent))
	nats.register(string(NATBlocked), natKind{blocked: true})
}
