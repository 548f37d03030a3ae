package oracle
import "testing"
import "os"
func TestZZ(t *testing.T){
	for _, c := range Cases() { if c.Name==os.Getenv("ZZ") {
		var p Pair
		tr, err := c.simulate(t.Context(), 1, Ours, &p.Ours)
		if err!=nil {t.Fatal(err)}
		for i,l := range tr.Lines { if i<40 {t.Log(l)} }
		t.Logf("%+v", p.Ours)
	}}
}
