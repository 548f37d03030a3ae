package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"swarmlab/results"
)

// A configuration to paste into a page. Names and units are the libraries' own (p2p-media-loader-hlsjs 2.3.1 and
// p2p-media-loader-shaka 2.2.2 were looked at, in their packages).

// PasteHLS writes JavaScript for hls.js with P2P Media Loader's engine.
func PasteHLS(c results.Configuration) string {
	var b strings.Builder
	pasteComment(&b, c.Why)
	b.WriteString(`import Hls from "hls.js";
import { HlsJsP2PEngine } from "p2p-media-loader-hlsjs";

const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls);

const hls = new HlsWithP2P({
`)
	pasteOptions(&b, c.Of("player"), "  ")
	b.WriteString("  p2p: {\n")
	pasteCore(&b, c, "    ")
	b.WriteString("  },\n});\n")
	return b.String()
}

// PasteShaka writes JavaScript for Shaka Player with P2P Media Loader's engine.
func PasteShaka(c results.Configuration) string {
	var b strings.Builder
	pasteComment(&b, append(append([]string(nil), c.Why...),
		"The simulated viewers played with hls.js. Shaka Player buffers and follows the live edge by rules of its own, so the gain may differ."))
	if players := c.Of("player"); len(players) > 0 {
		var names []string
		for _, o := range players {
			names = append(names, printable(o.Name))
		}
		pasteComment(&b, []string{"Of hls.js, and with no counterpart here: " + strings.Join(names, ", ") + "."})
	}
	b.WriteString(`import shaka from "shaka-player";
import { ShakaP2PEngine } from "p2p-media-loader-shaka";

ShakaP2PEngine.registerPlugins(shaka);

const engine = new ShakaP2PEngine({
`)
	pasteCore(&b, c, "  ")
	b.WriteString("}, shaka);\n\nconst player = new shaka.Player();\nengine.bindShakaPlayer(player);\n")
	return b.String()
}

// PasteJSON writes the options as JSON, in the shape that hls.js's constructor takes with the engine's mixin; Shaka's engine takes
// what is in p2p.
func PasteJSON(c results.Configuration) (string, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, o := range c.Of("player") {
		fmt.Fprintf(&b, "%s:%s,", strconv.Quote(o.Name), o.Value)
	}
	b.WriteString(`"p2p":{"core":{`)
	separator := ""
	write := func(o results.ConfigOption) {
		fmt.Fprintf(&b, "%s%s:%s", separator, strconv.Quote(o.Name), o.Value)
		separator = ","
	}
	for _, o := range c.Of("core") {
		write(o)
	}
	for _, stream := range streamsOfCore {
		options := c.Of("core." + stream)
		if len(options) == 0 {
			continue
		}
		fmt.Fprintf(&b, `%s%q:{`, separator, stream)
		separator = ""
		for _, o := range options {
			write(o)
		}
		b.WriteByte('}')
		separator = ","
	}
	b.WriteString("}}}")
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return "", fmt.Errorf("write the configuration: %w", err)
	}
	return out.String() + "\n", nil
}

var streamsOfCore = []string{"mainStream", "secondaryStream"}

// pasteComment writes sentences as comment lines of at most 100 letters. printable takes out everything that could end the line.
func pasteComment(b *strings.Builder, sentences []string) {
	for _, s := range sentences {
		for _, line := range wrap(printable(s), 97) {
			b.WriteString("// " + line + "\n")
		}
	}
}

// pasteCore writes the core object with the objects of its streams.
func pasteCore(b *strings.Builder, c results.Configuration, indent string) {
	b.WriteString(indent + "core: {\n")
	pasteOptions(b, c.Of("core"), indent+"  ")
	for _, stream := range streamsOfCore {
		if options := c.Of("core." + stream); len(options) > 0 {
			b.WriteString(indent + "  " + stream + ": {\n")
			pasteOptions(b, options, indent+"    ")
			b.WriteString(indent + "  },\n")
		}
	}
	b.WriteString(indent + "},\n")
}

// pasteOptions writes one option a line, with its unit and what it was.
func pasteOptions(b *strings.Builder, options []results.ConfigOption, indent string) {
	for _, o := range options {
		var notes []string
		if o.Unit != "" {
			notes = append(notes, printable(o.Unit))
		}
		if o.Before != "" {
			notes = append(notes, "default "+printable(o.Before))
		}
		note := ""
		if len(notes) > 0 {
			note = " // " + strings.Join(notes, ", ")
		}
		fmt.Fprintf(b, "%s%s: %s,%s\n", indent, o.Name, literal(o.Value), note)
	}
}

// literal is a JSON value as JavaScript: JSON is, but for two letters that end a line there in older engines.
func literal(value json.RawMessage) string {
	return strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`).Replace(string(value))
}
