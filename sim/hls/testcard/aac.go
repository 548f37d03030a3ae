package testcard

// Audio is AAC-LC, mono, 48 kHz: 1024 samples a frame, which is 1920 ticks of the 90 kHz clock exactly.
const (
	sampleRate   = 48_000
	frameSamples = 1024
	frameTicks   = frameSamples * clockRate / sampleRate
	beepFrames   = 4 // 85 ms
	adtsBytes    = 7
)

// The beep is one coefficient of the MDCT, the same in every frame. Bin k of frame t is the cosine cos(w(n + 512.5)) with
// w = pi(k+1/2)/1024 under a sine window. In the half that two frames share, the later frame's argument is less by pi(k+1/2): for
// odd k the two add up to cos(a)sin(b) + sin(a)cos(b) = sin(a+b), where b rises from 0 to pi/2. That is a pure tone of constant
// loudness at exactly (k+1) * 48000 / 2048 Hz, and the window fades it in and out. Frame by frame the same bytes, then.
const (
	beepBin = 41
	// BeepHertz is the beep's frequency.
	BeepHertz = (beepBin + 1) * sampleRate / 2.0 / frameSamples
	// beepGain: a level of 1 is worth 2^((gain-100)/4) = 2^20, of which the inverse MDCT makes 2^20 * 2/2048 = 1024 (ISO/IEC 14496-3,
	// sections 4.6.2.3.3 and 4.6.11.3). Full scale is 32768, so the beep has -30 dBFS: heard, and no nuisance.
	beepGain = 180
)

var silentFrame, beepFrame = adtsFrame(false), adtsFrame(true)

// audioFrame is the frame of a number, counted from the stream's beginning: a beep in the first frames of every second.
func audioFrame(n int64) []byte {
	if n*frameSamples%sampleRate < beepFrames*frameSamples {
		return beepFrame
	}
	return silentFrame
}

// adtsFrame is a frame with its ADTS header (ISO/IEC 14496-3, section 1.A.3.2).
func adtsFrame(beep bool) []byte {
	block := rawDataBlock(beep)
	w := new(bitWriter)
	w.u(12, 0xfff) // syncword
	w.u(4, 0b0001) // MPEG-4, layer 0, no CRC
	w.u(2, 1)      // profile: AAC LC
	w.u(4, 3)      // sampling_frequency_index: 48 kHz
	w.u(1, 0)      // private_bit
	w.u(3, 1)      // channel_configuration: mono
	w.u(4, 0)      // original, home, copyright
	w.u(13, uint32(adtsBytes+len(block)))
	w.u(11, 0x7ff) // adts_buffer_fullness: variable bitrate
	w.u(2, 0)      // one raw_data_block
	return append(w.bytes, block...)
}

// rawDataBlock is a single_channel_element with nothing, or with one level of 1 at beepBin (section 4.4.2).
func rawDataBlock(beep bool) []byte {
	w := new(bitWriter)
	w.u(3, 0) // ID_SCE
	w.u(4, 0) // element_instance_tag
	w.u(8, beepGain)
	w.u(1, 0) // ics_reserved_bit
	w.u(2, 0) // window_sequence: ONLY_LONG
	w.u(1, 0) // window_shape: sine
	if beep {
		w.u(6, 11) // max_sfb: at 48 kHz the eleventh band is that of bins 40 to 47 (table 4.129)
		w.u(1, 0)  // predictor_data_present
		w.u(9, 0<<5|10)
		w.u(9, 1<<5|1) // sections: ten bands with codebook 0 (nothing), one with codebook 1
		w.u(1, 0)      // scale factor: as global_gain (codeword of difference 0)
	} else {
		w.u(6, 0)
		w.u(1, 0)
	}
	w.u(3, 0) // no pulse data, no temporal noise shaping, no gain control
	if beep {
		w.u(5, 0x13) // codebook 1: the quadruple 0 1 0 0
		w.u(1, 0)    // and 0 0 0 0
	}
	if !beep {
		// Filled up to the beep's size: one frame can then be cut into a whole group of packets, as a very short segment needs.
		w.u(3, 6)  // ID_FIL
		w.u(4, 3)  // count of bytes
		w.u(24, 0) // EXT_FILL
	}
	w.u(3, 7) // ID_END
	w.zeros()
	return w.bytes
}
