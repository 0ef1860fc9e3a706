/** RFC 4475 sections 3.1.1, 3.3 and 3.4: messages that parse, and what a user agent without a registrar says to them. */
import { BODY, message, type Torture, usual } from './torture.ts';

const LONG = 'unreasonablylongvalue'.repeat(12);
const NUL = String.fromCharCode(0);
const ODD = "!interesting-Method0123456789_*+`.%indeed'~";

export const WELL_FORMED: readonly Torture[] = [
  {
    ...{ name: 'wsinv', section: '3.1.1.1', expected: { parses: true, status: 481 } },
    text: message(
      [
        'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
        ...['TO :', ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n'],
        ...['from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>', '  ;', '  tag = 98asjd8'],
        ...['MaX-fOrWaRdS: 0068', 'Call-ID: wsinv.ndaksdj@192.0.2.1', `Content-Length   : ${BODY.length}`],
        ...['cseq: 0009', '  INVITE', 'Via  : SIP  /   2.0', ' /UDP', '    192.0.2.2;branch=390skdjuw', 's :'],
        ...['NewFangledHeader:   newfangled value', ' continued newfangled value'],
        ...['UnknownHeaderWithUnusualValue: ;;,,;;,;', 'Content-Type: application/sdp'],
        ...['Route:', ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>'],
        ...['v:  SIP  / 2.0  / TCP     spindle.example.com   ;', '  branch  =   z9hG4bK9ikj8  ,'],
        ...[' SIP  /    2.0   / UDP  192.168.255.111   ; branch=', ' z9hG4bK30239'],
        ...[
          'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
          '      newvalue ;',
          '  secondparam ; q = 0.33',
        ],
      ],
      BODY,
    ),
  },
  {
    ...{ name: 'intmeth', section: '3.1.1.2', expected: { parses: true, status: 501 } },
    text: usual(
      'intmeth',
      `${ODD} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0`,
      {
        via: ["Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~"],
        to: [
          `To: "BEL:\\\x07 NUL:\\${NUL} DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>`,
        ],
        from: [
          "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.",
        ],
        callId: ['Call-ID: intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{'],
        cseq: [`CSeq: 139122385 ${ODD}`],
      },
    ),
  },
  {
    ...{ name: 'esc01', section: '3.1.1.3', expected: { parses: true } },
    text: usual(
      'esc01',
      'INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0',
      {
        to: ['To: sip:%75se%72@example.com'],
        from: ['From: <sip:I%20have%20spaces@example.net>;tag=938'],
        contact: ['Contact:', '  <sip:cal%6Cer@192.0.2.2:5060;%6C%72;n%61me=v%61lue%25%34%31>'],
      },
      [],
      BODY,
    ),
  },
  {
    ...{ name: 'escnull', section: '3.1.1.4', expected: { parses: true, status: 405 } },
    text: usual('escnull', 'REGISTER sip:example.com SIP/2.0', {
      to: ['To: sip:null-%00-null@example.com'],
      contact: ['Contact: <sip:%00@host5.example.com>', 'Contact: <sip:%00%00@host5.example.com>'],
    }),
  },
  {
    ...{ name: 'esc02', section: '3.1.1.5', expected: { parses: true, status: 501 } },
    text: usual('esc02', 'RE%47IST%45R sip:registrar.example.com SIP/2.0', {
      to: ['To: "%Z%45" <sip:resource@example.com>'],
      contact: ['Contact: <sip:alias1@host1.example.com>', 'Contact: <sip:alias2@host2.example.com>'],
    }),
  },
  {
    ...{ name: 'lwsdisp', section: '3.1.1.6', expected: { parses: true, status: 200 } },
    text: usual('lwsdisp', 'OPTIONS sip:user@example.com SIP/2.0', {
      from: ['From: caller<sip:caller@example.com>;tag=323'],
    }),
  },
  {
    ...{ name: 'longreq', section: '3.1.1.7', expected: { parses: true } },
    text: usual(
      'longreq',
      'INVITE sip:user@example.com SIP/2.0',
      {
        to: [`To: "I have a user name of ${LONG}" <sip:user@example.com:6000;${LONG}=${LONG};shortparam>`],
        from: [`From: sip:amazinglylongcallername${LONG}@example.net;tag=12982982982982982982;${LONG}=${LONG};${LONG}`],
        callId: [`Call-ID: longreq.one${'really'.repeat(20)}longcallid`],
        via: Array.from({ length: 34 }, (_, at) => `Via: SIP/2.0/TCP sip${at}.example.com;branch=z9hG4bK${LONG}${at}`),
      },
      [`Unknown-${LONG}: ${LONG}`],
      BODY,
    ),
  },
  {
    ...{ name: 'dblreq', section: '3.1.1.8', expected: { parses: true, status: 405 } },
    text: `${usual('dblreq', 'REGISTER sip:example.com SIP/2.0')}${usual('dblreq2', 'INVITE sip:joe@example.com SIP/2.0', {}, [], BODY)}`,
  },
  {
    ...{ name: 'semiuri', section: '3.1.1.9', expected: { parses: true, status: 200 } },
    text: usual('semiuri', 'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0', {
      to: ['To: sip:j_user@example.com'],
    }),
  },
  {
    ...{ name: 'transports', section: '3.1.1.10', expected: { parses: true, status: 200 } },
    text: usual('transports', 'OPTIONS sip:user@example.com SIP/2.0', {
      via: ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'].map(
        (one, at) => `Via: SIP/2.0/${one} t${at + 1}.example.com;branch=z9hG4bKkdjuw${at}`,
      ),
    }),
  },
  {
    ...{ name: 'mpart01', section: '3.1.1.11', expected: { parses: true, status: 405 } },
    text: message(
      [
        ...[
          'MESSAGE sip:kumiko@example.org SIP/2.0',
          'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport',
        ],
        ...[
          'Max-Forwards: 70',
          'Route: <sip:127.0.0.1:5080>',
          'Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LWxhcC5sb2NhbA..',
          'CSeq: 1 MESSAGE',
        ],
        ...[
          'Content-Type: multipart/mixed;boundary=7a9cbec02ceef655',
          'To: <sip:kumiko@example.org>',
          'From: <sip:fluffy@example.com>;tag=2fb0dcc9',
          'Content-Length: 78',
        ],
      ],
      '--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\0\xff\r\n--7a9cbec02ceef655--\r\n',
    ).replace(
      'Content-Length: 78',
      `Content-Length: ${'--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\0\xff\r\n--7a9cbec02ceef655--\r\n'.length}`,
    ),
  },
  {
    ...{ name: 'unreason', section: '3.1.1.12', expected: { parses: true } },
    text: usual('unreason', 'SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82', {
      cseq: ['CSeq: 35 INVITE'],
    }),
  },
  {
    ...{ name: 'noreason', section: '3.1.1.13', expected: { parses: true } },
    text: usual('noreason', 'SIP/2.0 100 ', { cseq: ['CSeq: 35 INVITE'] }),
  },
  {
    name: 'badbranch',
    section: '3.2.1',
    expected: { parses: true, status: 200 },
    text: usual('badbranch', 'OPTIONS sip:user@example.com SIP/2.0', {
      via: ['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK'],
    }),
  },
  {
    name: 'unkscm',
    section: '3.3.2',
    expected: { status: 416 },
    text: usual('unkscm', 'OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0'),
  },
  {
    name: 'novelsc',
    section: '3.3.3',
    expected: { status: 416 },
    text: usual('novelsc', 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0'),
  },
  {
    name: 'unksm2',
    section: '3.3.4',
    expected: { parses: true, status: 405 },
    text: usual('unksm2', 'REGISTER sip:example.com SIP/2.0', {
      to: ['To: isbn:2983792873'],
      from: ['From: <http://www.example.com>;tag=3234233'],
      contact: ['Contact: <name:John_Smith>'],
    }),
  },
  {
    name: 'bext01',
    section: '3.3.5',
    expected: { status: 420 },
    text: usual('bext01', 'OPTIONS sip:user@example.com SIP/2.0', {}, [
      'Require: nothingSupportsThis, nothingSupportsThisEither',
      'Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis',
    ]),
  },
  {
    name: 'invut',
    section: '3.3.6',
    expected: { status: 415 },
    text: usual('invut', 'INVITE sip:user@example.com SIP/2.0', {
      length: ['Content-Type: application/unknownformat', 'Content-Length: 12'],
    }).concat('<audio/> 1 2'),
  },
  {
    name: 'regaut01',
    section: '3.3.7',
    expected: { parses: true, status: 405 },
    text: usual('regaut01', 'REGISTER sip:example.com SIP/2.0', {}, [
      'Authorization: NoOneKnowsThisScheme opaque-data=here',
    ]),
  },
  {
    name: 'zeromf',
    section: '3.3.11',
    expected: { parses: true, status: 200 },
    text: usual('zeromf', 'OPTIONS sip:user@example.com SIP/2.0', { forwards: ['Max-Forwards: 0'] }),
  },
  {
    name: 'cparam01',
    section: '3.3.12',
    expected: { parses: true, status: 405 },
    text: usual('cparam01', 'REGISTER sip:example.com SIP/2.0', {
      contact: ['Contact: sip:+19725552222@gw1.example.net;unknownparam'],
    }),
  },
  {
    name: 'cparam02',
    section: '3.3.13',
    expected: { parses: true, status: 405 },
    text: usual('cparam02', 'REGISTER sip:example.com SIP/2.0', {
      contact: ['Contact: <sip:+19725552222@gw1.example.net;unknownparam>'],
    }),
  },
  {
    name: 'regescrt',
    section: '3.3.14',
    expected: { parses: true, status: 405 },
    text: usual('regescrt', 'REGISTER sip:example.com SIP/2.0', {
      contact: ['Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>'],
    }),
  },
  {
    name: 'sdp01',
    section: '3.3.15',
    expected: { status: 406 },
    text: usual('sdp01', 'INVITE sip:user@example.com SIP/2.0', {}, ['Accept: text/nobodyKnowsThis'], BODY),
  },
  {
    ...{ name: 'inv2543', section: '3.4.1', expected: { parses: true } },
    text: message(
      [
        'INVITE sip:UserB@example.com SIP/2.0',
        'Via: SIP/2.0/UDP iftgw.example.com',
        'From: <sip:+13035551111@ift.client.example.net;user=phone>',
        'Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>',
        'To: sip:+16505552222@ss1.example.net;user=phone',
        'Call-ID: inv2543.1717@ift.client.example.com',
        'CSeq: 56 INVITE',
        'Content-Type: application/sdp',
        '',
      ],
      BODY,
    ).replace('\r\n\r\n\r\n', '\r\n\r\n'),
  },
];
