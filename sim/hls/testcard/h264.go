package testcard

// This file writes the least H.264 (ITU-T H.264, 08/2021) that shows a canvas: intra macroblocks of one colour each, coded with
// CAVLC as Intra_16x16 with at most a DC coefficient, and skipped ones.

// NAL unit headers: nal_ref_idc in bits 5 and 6, nal_unit_type below (table 7-1).
const (
	nalSlice     = 2<<5 | 1
	nalIDR       = 3<<5 | 5
	nalSPS       = 3<<5 | 7
	nalPPS       = 3<<5 | 8
	nalDelimiter = 9
)

// quantiser is the QP at which a DC level of 1 is a step of exactly 1 in luma and of exactly 2 in chroma (section 8.5.10 with
// LevelScale 256 and a shift of 28/6: (256*L + 2) >> 2 = 64 L, and (64 L + 32) >> 6 = L).
const quantiser = 28

// The slice types that say that all slices of the picture are the same (table 7-6), and the first macroblock type of an intra
// macroblock in a P slice (table 7-13).
const (
	sliceP      = 5
	sliceI      = 7
	firstIntraP = 5
)

// frameNumberBits: 16, so that a reader sees the picture's number in its slice.
const frameNumberBits = 16

func delimiter(primaryType uint32) []byte {
	w := new(bitWriter)
	w.u(3, primaryType) // 0: I slices, 1: I and P slices
	return appendNAL(nil, nalDelimiter, w)
}

// appendSequenceParameters: section 7.3.2.1.1.
func appendSequenceParameters(dst []byte, c Card) []byte {
	w := new(bitWriter)
	w.u(24, c.AVC) // profile_idc, constraint flags, level_idc
	w.ue(0)        // seq_parameter_set_id
	if c.AVC>>16 == profileHigh {
		w.ue(1)   // chroma_format_idc: 4:2:0
		w.ue(0)   // bit_depth_luma_minus8
		w.ue(0)   // bit_depth_chroma_minus8
		w.u(2, 0) // qpprime_y_zero_transform_bypass_flag, seq_scaling_matrix_present_flag
	}
	w.ue(frameNumberBits - 4) // log2_max_frame_num_minus4
	w.ue(2)                   // pic_order_cnt_type: output order is decoding order
	w.ue(1)                   // max_num_ref_frames
	w.u(1, 0)                 // gaps_in_frame_num_value_allowed_flag
	across, down := blocks(c.Width), blocks(c.Height)
	w.ue(uint32(across - 1))
	w.ue(uint32(down - 1))
	w.u(2, 0b11) // frame_mbs_only_flag, direct_8x8_inference_flag
	w.u(1, 1)    // frame_cropping_flag: left, right, top, bottom, in units of two pixels
	w.ue(0)
	w.ue(uint32(across*16-c.Width) / 2)
	w.ue(0)
	w.ue(uint32(down*16-c.Height) / 2)
	w.u(1, 1) // vui_parameters_present_flag
	w.u(9, 1) // nothing of section E.1.1 but bitstream_restriction_flag: without it a decoder may hold pictures back
	w.u(1, 1) // motion_vectors_over_pic_boundaries_flag
	for range 4 {
		w.ue(0) // max_bytes_per_pic_denom, max_bits_per_mb_denom, log2_max_mv_length_horizontal and _vertical
	}
	w.ue(0) // max_num_reorder_frames
	w.ue(1) // max_dec_frame_buffering
	return appendNAL(dst, nalSPS, w)
}

// appendPictureParameters: section 7.3.2.2.
func appendPictureParameters(dst []byte) []byte {
	w := new(bitWriter)
	w.ue(0)   // pic_parameter_set_id
	w.ue(0)   // seq_parameter_set_id
	w.u(2, 0) // entropy_coding_mode_flag: CAVLC, bottom_field_pic_order_in_frame_present_flag
	w.ue(0)   // num_slice_groups_minus1
	w.ue(0)   // num_ref_idx_l0_default_active_minus1
	w.ue(0)   // num_ref_idx_l1_default_active_minus1
	w.u(3, 0) // weighted_pred_flag, weighted_bipred_idc
	w.se(quantiser - 26)
	w.se(0)       // pic_init_qs_minus26
	w.se(0)       // chroma_qp_index_offset
	w.u(3, 0b100) // deblocking_filter_control_present_flag, constrained_intra_pred_flag, redundant_pic_cnt_present_flag
	return appendNAL(dst, nalPPS, w)
}

// idrUnit is the whole of a canvas as an access unit that needs nothing before it.
func idrUnit(c Card, p *canvas) []byte {
	dst := delimiter(0)
	dst = appendSequenceParameters(dst, c)
	dst = appendPictureParameters(dst)
	w := &bitWriter{bytes: make([]byte, 0, len(p.luma))}
	w.ue(0) // first_mb_in_slice
	w.ue(sliceI)
	w.ue(0)                    // pic_parameter_set_id
	w.u(frameNumberBits, 0)    // frame_num
	w.ue(uint32(c.Number & 1)) // idr_pic_id: two IDR pictures in a row must differ (section 7.4.3)
	w.u(2, 0)                  // no_output_of_prior_pics_flag, long_term_reference_flag
	w.se(0)                    // slice_qp_delta
	w.ue(1)                    // disable_deblocking_filter_idc
	for i := range p.luma {
		w.macroblock(p, i, c.Colour, 0)
	}
	return appendNAL(dst, nalIDR, w)
}

// pUnit is the canvas with the mark moved, as a difference from the picture before.
func pUnit(c Card, p *canvas, picture int) []byte {
	dst := delimiter(1)
	w := new(bitWriter)
	w.ue(0) // first_mb_in_slice
	w.ue(sliceP)
	w.ue(0)                                                      // pic_parameter_set_id
	w.u(frameNumberBits, uint32(picture)&(1<<frameNumberBits-1)) // frame_num
	w.u(3, 0)                                                    // num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0, adaptive_ref_pic_marking_mode_flag
	w.se(0)                                                      // slice_qp_delta
	w.ue(1)                                                      // disable_deblocking_filter_idc
	next := 0                                                    // the first macroblock that is not written yet
	from, to := p.markAt(picture-1, c.Pictures), p.markAt(picture, c.Pictures)
	for y := p.trackTop(); y < p.trackTop()+p.trackHeight() && from != to; y++ {
		p.fill(from, y, 1, 1, trackLuma)
		p.fill(to, y, 1, 1, markLuma)
		for _, x := range [2]int{from, to} { // the mark runs to the right
			i := y*p.across + x
			w.ue(uint32(i - next)) // mb_skip_run
			w.macroblock(p, i, c.Colour, firstIntraP)
			next = i + 1
		}
	}
	if rest := len(p.luma) - next; rest > 0 {
		w.ue(uint32(rest))
	}
	return appendNAL(dst, nalSlice, w)
}

// Intra_16x16 prediction modes (table 8-4).
const (
	predictVertical   = 0
	predictHorizontal = 1
	predictDC         = 2
)

// macroblock writes one of a single colour, predicted from the neighbour above, or from the left one if that
// is the same. base is the first of the slice
// type's intra macroblock types. Neighbours have no coefficients but DC, which do not count, so that nC is 0 for all
// (section 9.2.1).
func (w *bitWriter) macroblock(p *canvas, i, colour int, base uint32) {
	mode, luma := predictDC, int(p.luma[i])
	difference, first := luma-128, true // 128 is the prediction where there is no neighbour
	if i >= p.across {
		mode, difference, first = predictVertical, luma-int(p.luma[i-p.across]), false
	}
	if i%p.across > 0 {
		if d := luma - int(p.luma[i-1]); first || d == 0 {
			mode, difference, first = predictHorizontal, d, false
		}
	}
	mbType := base + 1 + uint32(mode) // table 7-11
	if first {
		mbType += 4 // chroma DC, no AC
	}
	w.ue(mbType)
	w.ue(0) // intra_chroma_pred_mode: DC, which is exact where all chroma are the same
	w.se(0) // mb_qp_delta
	w.lumaDC(difference)
	if first {
		w.chromaDC((colours[colour][1] - 128) / 2)
		w.chromaDC((colours[colour][2] - 128) / 2)
	}
}

// lumaDC writes the 16 DC levels of a macroblock, of which only the first is not 0 (section 9.2; tables 9-5 with nC 0, and 9-7).
func (w *bitWriter) lumaDC(level int) {
	switch level {
	case 0:
		w.u(1, 1)
	case 1, -1:
		w.u(2, 0b01)
		w.u(1, sign(level))
		w.u(1, 1) // total_zeros
	default:
		w.u(6, 0b000101)
		w.level(level)
		w.u(1, 1)
	}
}

// chromaDC writes the four DC levels of a chroma component likewise (tables 9-5 with nC -1, and 9-9).
func (w *bitWriter) chromaDC(level int) {
	switch level {
	case 0:
		w.u(2, 0b01)
	case 1, -1:
		w.u(1, 1)
		w.u(1, sign(level))
		w.u(1, 1) // total_zeros
	default:
		w.u(6, 0b000111)
		w.level(level)
		w.u(1, 1)
	}
}

// level writes a level that is the only one of its block and not 1 or -1 (section 9.2.2, suffixLength 0).
func (w *bitWriter) level(level int) {
	code := uint32(2*level - 4)
	if level < 0 {
		code = uint32(-2*level - 3)
	}
	switch {
	case code < 14:
		w.u(uint(code)+1, 1)
	case code < 30:
		w.u(15, 1)
		w.u(4, code-14)
	default:
		w.u(16, 1)
		w.u(12, code-30)
	}
}

func sign(level int) uint32 {
	if level < 0 {
		return 1
	}
	return 0
}

// se writes a signed Exp-Golomb code (section 9.1.1).
func (w *bitWriter) se(value int) {
	if value > 0 {
		w.ue(uint32(2*value - 1))
	} else {
		w.ue(uint32(-2 * value))
	}
}
