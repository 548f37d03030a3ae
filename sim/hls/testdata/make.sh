#!/bin/sh
# Makes the two tiny real streams again: test pictures and a sine, no one's copyright. Needs ffmpeg (Debian's 5.1 was used).
# The bytes differ between versions of ffmpeg; the tests read sizes and durations from the files and do not mind.
set -eu
cd "$(dirname "$0")"
rm -rf ts fmp4
mkdir -p ts fmp4

# Two variants in MPEG-TS, one file per segment; key frames every second, segments of 2 s, variable bitrate.
# -flags2/bitexact and no metadata keep the files free of dates and versions.
ffmpeg -hide_banner -loglevel error -y \
  -f lavfi -i testsrc2=size=64x36:rate=10:duration=6 -f lavfi -i sine=frequency=440:sample_rate=16000:duration=6 \
  -filter_complex '[0:v]split=2[a][b0];[b0]scale=32:18[b]' \
  -map '[a]' -map 1:a -map '[b]' -map 1:a \
  -c:v libx264 -profile:v baseline -preset veryslow -g 10 -keyint_min 10 -sc_threshold 0 \
  -b:v:0 40k -maxrate:v:0 60k -bufsize:v:0 60k -b:v:1 12k -maxrate:v:1 20k -bufsize:v:1 20k \
  -c:a aac -b:a 8k -ac 1 -fflags +bitexact -flags +bitexact -map_metadata -1 \
  -f hls -hls_time 2 -hls_playlist_type vod -hls_flags independent_segments \
  -master_pl_name master.m3u8 -var_stream_map 'v:0,a:0,name:high v:1,a:1,name:low' \
  -hls_segment_filename 'ts/%v/seg%d.ts' 'ts/%v/index.m3u8'

# The same in fragmented MP4: one file per variant, segments and the init section are byte ranges of it.
ffmpeg -hide_banner -loglevel error -y \
  -f lavfi -i testsrc2=size=64x36:rate=10:duration=6 -f lavfi -i sine=frequency=440:sample_rate=16000:duration=6 \
  -filter_complex '[0:v]split=2[a][b0];[b0]scale=32:18[b]' \
  -map '[a]' -map 1:a -map '[b]' -map 1:a \
  -c:v libx264 -profile:v baseline -preset veryslow -g 10 -keyint_min 10 -sc_threshold 0 \
  -b:v:0 40k -maxrate:v:0 60k -bufsize:v:0 60k -b:v:1 12k -maxrate:v:1 20k -bufsize:v:1 20k \
  -c:a aac -b:a 8k -ac 1 -fflags +bitexact -flags +bitexact -map_metadata -1 \
  -f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags single_file+independent_segments \
  -master_pl_name master.m3u8 -var_stream_map 'v:0,a:0,name:high v:1,a:1,name:low' \
  'fmp4/%v/index.m3u8'
