package viewer

import (
	"reflect"
	"testing"

	"swarmlab/scenarios"
)

// TestEveryOptionReachesTheViewer sets each of the library's and hls.js's options, one at a time, and wants the viewer's
// configuration to change: an option that is read and not used would be tuned in vain.
func TestEveryOptionReachesTheViewer(t *testing.T) {
	for _, part := range []struct {
		name   string
		in     func(*scenarios.Scenario) reflect.Value
		config func(*scenarios.Scenario) any
	}{
		{"core", func(s *scenarios.Scenario) reflect.Value { return reflect.ValueOf(&s.P2PML.Core).Elem() }, coreOf},
		{"core for all streams", func(s *scenarios.Scenario) reflect.Value {
			return reflect.ValueOf(&s.P2PML.Core.StreamOptions).Elem()
		}, coreOf},
		{"mainStream", func(s *scenarios.Scenario) reflect.Value { return reflect.ValueOf(&s.P2PML.Core.MainStream).Elem() }, coreOf},
		{"secondaryStream", func(s *scenarios.Scenario) reflect.Value {
			return reflect.ValueOf(&s.P2PML.Core.SecondaryStream).Elem()
		}, coreOf},
		{"defects", func(s *scenarios.Scenario) reflect.Value { return reflect.ValueOf(&s.P2PML.Defects).Elem() }, coreOf},
		{"player", func(s *scenarios.Scenario) reflect.Value { return reflect.ValueOf(&s.Player).Elem() }, playerOf},
	} {
		plain := part.config(&scenarios.Scenario{})
		for i := range part.in(&scenarios.Scenario{}).NumField() {
			var s scenarios.Scenario
			field := part.in(&s).Field(i)
			name := part.in(&s).Type().Field(i).Name
			if field.Kind() != reflect.Pointer {
				continue // the nested options have rows of their own
			}
			field.Set(reflect.New(field.Type().Elem()))
			unusual(t, field.Elem(), part.name != "defects")
			if reflect.DeepEqual(plain, part.config(&s)) {
				t.Errorf("%s: %s changes nothing", part.name, name)
			}
		}
	}
}

// unusual tries values that are nobody's default. Options are off by default and defects on, so a switch needs both.
func unusual(t *testing.T, v reflect.Value, on bool) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(on)
	case reflect.Int:
		v.SetInt(77)
	case reflect.Float64:
		v.SetFloat(77)
	case reflect.String:
		v.SetString("unusual")
	default:
		t.Fatalf("no unusual %v is known", v.Type())
	}
}

func coreOf(s *scenarios.Scenario) any {
	return coreConfig(s, scenarios.Viewer{Upload: true}, nil)
}

func playerOf(s *scenarios.Scenario) any {
	return playerConfig(s, scenarios.Viewer{Upload: true}, Deployment{})
}

func TestAGroupThatDoesNotUpload(t *testing.T) {
	c := coreConfig(&scenarios.Scenario{}, scenarios.Viewer{Upload: false}, []string{"ws://tracker"})
	if !c.Main.IsP2PUploadDisabled || !c.Secondary.IsP2PUploadDisabled {
		t.Error("it uploads")
	}
	if len(c.Main.AnnounceTrackers) != 1 {
		t.Errorf("it announces to %v", c.Main.AnnounceTrackers)
	}
}
