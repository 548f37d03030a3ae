// One end of a connection with one data channel, and what it received. The page does nothing else.
'use strict';
window.slowlink = (() => {
  const messageBytes = 65535; // the library's webRtcMaxMessageSize
  const maxBuffered = 65536; // the library's limit for bufferedAmount
  const pc = new RTCPeerConnection();
  const arrivals = []; // [milliseconds since 1970, bytes]
  let channel, wrong = '', opened, failed;
  const open = new Promise((yes, no) => { opened = yes; failed = no; });
  open.catch(() => {}); // whoever waits is told; nobody may be waiting
  const now = () => performance.timeOrigin + performance.now();
  pc.onconnectionstatechange = () => { if (pc.connectionState === 'failed') failed(new Error('the connection failed')); };

  const take = ({data}) => {
    const want = arrivals.length;
    arrivals.push([now(), data.byteLength]);
    if (data.byteLength !== messageBytes) wrong ||= `message ${want} has ${data.byteLength} bytes, want ${messageBytes}`;
    else if (new DataView(data).getUint32(0) !== want) wrong ||= `message ${want} says it is number ${new DataView(data).getUint32(0)}`;
  };
  const adopt = c => {
    channel = c;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = maxBuffered;
    channel.onmessage = take;
    if (channel.readyState === 'open') opened();
    channel.onopen = () => opened();
  };
  pc.ondatachannel = event => adopt(event.channel);

  const describe = async description => {
    const gathered = new Promise(yes => {
      pc.onicegatheringstatechange = () => { if (pc.iceGatheringState === 'complete') yes(); };
    });
    await pc.setLocalDescription(description);
    await gathered;
    return pc.localDescription.sdp;
  };
  return {
    offer: async () => { adopt(pc.createDataChannel('slowlink')); return describe(await pc.createOffer()); },
    answer: async sdp => { await pc.setRemoteDescription({type: 'offer', sdp}); return describe(await pc.createAnswer()); },
    accept: async sdp => { await pc.setRemoteDescription({type: 'answer', sdp}); return true; },
    opened: async () => { await open; return true; },
    send: () => {
      const message = new Uint8Array(messageBytes);
      const view = new DataView(message.buffer);
      let number = 0;
      const more = () => {
        while (channel.readyState === 'open' && channel.bufferedAmount <= maxBuffered) {
          view.setUint32(0, number++);
          channel.send(message);
        }
      };
      channel.onbufferedamountlow = more;
      const begun = now();
      more();
      return begun;
    },
    received: () => ({arrivals, wrong}),
    close: () => { pc.close(); return true; },
  };
})();
