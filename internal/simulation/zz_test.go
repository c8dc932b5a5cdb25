package simulation
import ("testing";"math/rand/v2")
func TestZZ(t *testing.T){
	slow := func(r *rand.Rand) plan {
		p := usual(r)
		p.faults, p.network, p.crash, p.stall, p.refuse, p.strict = 6, 0, 0, 0.04, 0.2, true
		return p
	}
	replay(t, *seedFlag, slow)
}
