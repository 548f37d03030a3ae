package main

import "testing"

// TestCases: each is a scenario, whose viewers come in order and can stay as long as the case wants.
func TestCases(t *testing.T) {
	names := make(map[string]bool)
	for _, c := range cases {
		if names[c.name] {
			t.Errorf("there are two cases %s", c.name)
		}
		names[c.name] = true
		for n := range 5 {
			s, err := c.scenario(n)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			audience := inOrder(s)
			for i := range audience[1:] {
				if audience[i+1].JoinAt < audience[i].JoinAt {
					t.Errorf("%s, run %d: viewer %d comes at %v, after one who comes at %v", c.name, n, i+1, audience[i+1].JoinAt, audience[i].JoinAt)
				}
			}
			if last := audience[len(audience)-1].JoinAt; s.Run.Duration.Std() < last+c.stay()-1e9 {
				t.Errorf("%s, run %d: the last viewer comes at %v, and the run ends at %v", c.name, n, last, s.Run.Duration.Std())
			}
		}
	}
}
