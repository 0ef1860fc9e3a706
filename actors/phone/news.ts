/** What a person who runs the gateway of a phone wants to know. */
export type PhoneNews =
  /** A phone may dial `sip:ROOM@` this `host:port`. */
  | { readonly type: 'phone.listening'; readonly sip: string }
  /** A registrar sends whoever dials `as` to us, for so long, in s. */
  | { readonly type: 'phone.registered'; readonly as: string; readonly seconds: number }
  | { readonly type: 'phone.unregistered'; readonly as: string; readonly reason: string }
  /** `product` is what the phone says of its program. */
  | { readonly type: 'phone.called'; readonly from: string; readonly room: string; readonly product: string }
  | { readonly type: 'phone.connected'; readonly formats: readonly string[] }
  /** The picture of this member is shown from now on. */
  | { readonly type: 'phone.shows'; readonly peer: string; readonly stream: string }
  /** There are pictures in the room, and none in the format that was agreed with the phone. */
  | { readonly type: 'phone.blind'; readonly format: string }
  /** What the phone reports to be missing of what is sent to it, since the call began: packets. */
  | { readonly type: 'phone.lost'; readonly media: 'audio' | 'video'; readonly packets: number }
  /** A call that was not taken, with the status that it got. */
  | { readonly type: 'phone.refused'; readonly from: string; readonly status: number }
  | { readonly type: 'phone.ended'; readonly reason: string };

export const PHONE_SENTENCES: { readonly [T in PhoneNews['type']]: (news: Extract<PhoneNews, { type: T }>) => string } =
  {
    'phone.listening': ({ sip }) => `a phone may dial sip:ROOM@${sip}, or sip:ROOM.C@${sip} to see C`,
    'phone.registered': ({ as, seconds }) => `a phone may dial ${as}: its registrar knows that for ${seconds} s`,
    'phone.unregistered': ({ as, reason }) => `the registrar of ${as} does not know where it is: ${reason}`,
    'phone.called': ({ from, room, product }) => `${from} calls room ${room} with ${product}`,
    'phone.connected': ({ formats }) => `the phone is connected: ${formats.join(', ')}`,
    'phone.shows': ({ peer, stream }) => `the phone shows ${stream} of ${peer}`,
    'phone.blind': ({ format }) => `nobody in the room sends a picture that the phone decodes: it takes ${format}`,
    'phone.lost': ({ media, packets }) => `the phone reports ${packets} packets of its ${media} lost`,
    'phone.refused': ({ from, status }) => `a call of ${from} was refused (${status})`,
    'phone.ended': ({ reason }) => `the phone's call is over: ${reason}`,
  };
