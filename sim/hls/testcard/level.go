package testcard

import (
	"encoding/hex"
	"strings"
)

// level is a row of H.264 table A-1: what a decoder of the level can do.
type level struct {
	idc                   byte
	perSecond, perPicture int // macroblocks
}

var levels = []level{{10, 1485, 99}, {11, 3000, 396}, {12, 6000, 396}, {13, 11880, 396}, {20, 11880, 396}, {21, 19800, 792},
	{22, 20250, 1620}, {30, 40500, 1620}, {31, 108000, 3600}, {32, 216000, 5120}, {40, 245760, 8192}, {41, 245760, 8192},
	{42, 522240, 8704}, {50, 589824, 22080}, {51, 983040, 36864}, {52, 2073600, 36864}, {60, 4177920, 139264},
	{61, 8355840, 139264}, {62, 16711680, 139264}}

// suffices reports whether the level allows pictures of so many macroblocks, so many thousand times in 1000 s. A side may have
// the root of eight times the picture's macroblocks (section A.3.1).
func (l level) suffices(across, down, milliHertz int) bool {
	return across*down <= l.perPicture && across*across <= 8*l.perPicture && down*down <= 8*l.perPicture &&
		across*down*milliHertz <= 1000*l.perSecond
}

// AVC tells which profile and level (the three bytes of "avc1.42c01e") a stream of such pictures declares. What CODECS states is
// declared where it is true, because what the card uses, Constrained Baseline, is legal in Baseline, Main and High; else it is
// Constrained Baseline at the least level that will do. 0 if no level allows such pictures.
func AVC(codecs string, width, height, milliHertz int) uint32 {
	across, down := blocks(width), blocks(height)
	stated, ok := statedAVC(codecs)
	least := byte(0)
	for _, l := range levels {
		if !l.suffices(across, down, milliHertz) {
			continue
		}
		if ok && byte(stated) == l.idc {
			return stated
		}
		if least == 0 {
			least = l.idc
		}
	}
	switch {
	case least == 0:
		return 0
	case ok:
		return stated&0xffff00 | uint32(least)
	default:
		return 0x42c000 | uint32(least)
	}
}

// statedAVC finds the first codec of CODECS that a card can keep.
func statedAVC(codecs string) (uint32, bool) {
	for codec := range strings.SplitSeq(codecs, ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(codec), ".")
		b, err := hex.DecodeString(text)
		if (name == "avc1" || name == "avc3") && err == nil && len(b) == 3 {
			avc := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
			return avc, knownProfile(avc)
		}
	}
	return 0, false
}

// knownProfile: Baseline, Main or High, and no flag that is reserved (section 7.4.2.1.1).
func knownProfile(avc uint32) bool {
	profile, flags := avc>>16, avc>>8&0xff
	return avc>>24 == 0 && (profile == 66 || profile == 77 || profile == profileHigh) && flags&3 == 0
}

const profileHigh = 100

// blocks is how many macroblocks a side takes.
func blocks(pixels int) int { return (pixels + 15) / 16 }
