package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"swarmlab/scenarios"
	"swarmlab/sim"
)

func newScenarios(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scenarios",
		Short: "List, show and check scenarios; print their JSON Schema",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no %q: it is list, show NAME, validate FILE or schema", cmd.CommandPath()+" "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "The presets, a line each", Args: noArgs,
			RunE: func(*cobra.Command, []string) error { return listScenarios(s) },
		},
		&cobra.Command{
			Use: "show NAME", Short: "A preset as YAML, with its comments", Args: oneArg("a preset's name"),
			RunE: func(_ *cobra.Command, args []string) error { return showScenario(s, args[0]) },
		},
		&cobra.Command{
			Use: "validate FILE", Short: "Check a scenario file", Args: oneArg("a scenario file"),
			RunE: func(_ *cobra.Command, args []string) error { return validateScenario(s, args[0]) },
		},
		&cobra.Command{
			Use: "schema", Short: "The JSON Schema of scenario files, for editors", Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := s.out.Write(scenarios.Schema())
				return err
			},
		})
	return cmd
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument; got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func listScenarios(s streams) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, name := range scenarios.Names() {
		scenario, err := scenarios.Load(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d peers\t%s\n", name, scenario.Peers.Count, scenario.Description)
	}
	return w.Flush()
}

func showScenario(s streams, name string) error {
	if text, ok := scenarios.Preset(name); ok {
		_, err := s.out.Write(text)
		return err
	}
	scenario, err := scenarios.Load(name) // a file, or an error that names the nearest preset
	if err != nil {
		return err
	}
	_, err = s.out.Write(scenario.YAML())
	return err
}

func validateScenario(s streams, file string) error {
	scenario, err := scenarios.Load(file)
	if err != nil {
		return err
	}
	stream, err := sim.OpenStream(scenario)
	if err != nil {
		return err
	}
	if err := stream.Close(); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "%s is a valid scenario: %d peers, %v\n", file, scenario.Peers.Count, scenario.Run.Duration)
	return nil
}
