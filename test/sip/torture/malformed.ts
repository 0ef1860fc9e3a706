/** RFC 4475 sections 3.1.2 and 3.3: messages that are refused, or answered by nothing. */
import { BODY, type Torture, usual } from './torture.ts';

const REFUSED = { status: 400 } as const;
const OPTIONS = 'OPTIONS sip:user@example.com SIP/2.0';
const INVITE = 'INVITE sip:user@example.com SIP/2.0';
const REGISTER = 'REGISTER sip:example.com SIP/2.0';

export const MALFORMED: readonly Torture[] = [
  {
    name: 'badinv01',
    section: '3.1.2.1',
    expected: REFUSED,
    text: usual(
      'badinv01',
      INVITE,
      {
        to: ['To: sip:j.user@example.com'],
        contact: ['Contact: "Joe" <sip:joe@example.org>;;;;'],
        via: ['Via: SIP/2.0/UDP 192.0.2.15;;,;,,'],
      },
      [],
      BODY,
    ),
  },
  {
    name: 'clerr',
    section: '3.1.2.2',
    expected: REFUSED,
    text: usual('clerr', INVITE, { length: ['Content-Length: 9999'] }, [], BODY),
  },
  {
    name: 'ncl',
    section: '3.1.2.3',
    expected: REFUSED,
    text: usual('ncl', INVITE, { length: ['Content-Length: -999'] }, [], BODY),
  },
  {
    name: 'scalar02',
    section: '3.1.2.4',
    expected: REFUSED,
    text: usual(
      'scalar02',
      REGISTER,
      {
        cseq: ['CSeq: 36893488147419103232 REGISTER'],
        forwards: ['Max-Forwards: 300'],
        contact: ['Contact: <sip:user@host129.example.com>;expires=280297596632815'],
      },
      ['Expires: 10000000000000000000000000000000000000000000000000'],
    ),
  },
  {
    name: 'scalarlg',
    section: '3.1.2.5',
    expected: 'silence',
    text: usual('scalarlg', 'SIP/2.0 503 Service Unavailable', { cseq: ['CSeq: 9292394834772304023312 OPTIONS'] }, [
      'Retry-After: 949302838503028349304023988',
    ]),
  },
  {
    name: 'quotbal',
    section: '3.1.2.6',
    expected: REFUSED,
    text: usual('quotbal', INVITE, { to: ['To: "Mr. J. User <sip:j.user@example.com>'] }, [], BODY),
  },
  {
    name: 'ltgtruri',
    section: '3.1.2.7',
    expected: REFUSED,
    text: usual('ltgtruri', 'INVITE <sip:user@example.com> SIP/2.0', {}, [], BODY),
  },
  {
    name: 'lwsruri',
    section: '3.1.2.8',
    expected: REFUSED,
    text: usual('lwsruri', 'INVITE sip:user@example.com; lr SIP/2.0', {}, [], BODY),
  },
  {
    name: 'lwsstart',
    section: '3.1.2.9',
    expected: REFUSED,
    text: usual('lwsstart', 'INVITE  sip:user@example.com  SIP/2.0', {}, [], BODY),
  },
  {
    name: 'trws',
    section: '3.1.2.10',
    expected: REFUSED,
    text: usual('trws', 'OPTIONS sip:remote-target@example.com SIP/2.0  '),
  },
  {
    name: 'escruri',
    section: '3.1.2.11',
    expected: REFUSED,
    text: usual('escruri', 'INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0', {}, [], BODY),
  },
  // What is never read may be wrong: section 3.1.2.12 leaves it to the element.
  {
    name: 'baddate',
    section: '3.1.2.12',
    expected: { parses: true },
    text: usual('baddate', INVITE, {}, ['Date: Fri, 01 Jan 2010 16:00:00 EST'], BODY),
  },
  {
    name: 'regbadct',
    section: '3.1.2.13',
    expected: REFUSED,
    text: usual('regbadct', REGISTER, { contact: ['Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E'] }),
  },
  {
    name: 'badaspec',
    section: '3.1.2.14',
    expected: REFUSED,
    text: usual('badaspec', OPTIONS, { to: ['To: "Watson, Thomas" < sip:t.watson@example.org >'] }),
  },
  {
    name: 'baddn',
    section: '3.1.2.15',
    expected: REFUSED,
    text: usual('baddn', 'OPTIONS sip:t.watson@example.org SIP/2.0', {
      from: ['From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43'],
    }),
  },
  {
    name: 'badvers',
    section: '3.1.2.16',
    expected: { status: 505 },
    text: usual('badvers', 'OPTIONS sip:t.watson@example.org SIP/7.0', {
      via: ['Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw'],
    }),
  },
  {
    name: 'mismatch01',
    section: '3.1.2.17',
    expected: REFUSED,
    text: usual('mismatch01', OPTIONS, { cseq: ['CSeq: 8 INVITE'] }),
  },
  {
    name: 'mismatch02',
    section: '3.1.2.18',
    expected: REFUSED,
    text: usual('mismatch02', 'NEWMETHOD sip:user@example.com SIP/2.0', { cseq: ['CSeq: 8 INVITE'] }),
  },
  {
    name: 'bigcode',
    section: '3.1.2.19',
    expected: 'silence',
    text: usual('bigcode', 'SIP/2.0 4294967301 better not break the receiver', { cseq: ['CSeq: 353494 INVITE'] }),
  },
  {
    name: 'insuf',
    section: '3.3.1',
    expected: REFUSED,
    text: usual('insuf', INVITE, { from: [], to: [], callId: [] }),
  },
  {
    name: 'multi01',
    section: '3.3.8',
    expected: REFUSED,
    text: usual(
      'multi01',
      INVITE,
      {
        cseq: ['CSeq: 5 INVITE', 'CSeq: 59 INVITE'],
        callId: ['Call-ID: multi01.98asdh@192.0.2.1', 'Call-ID: multi01.98asdh@192.0.2.2'],
        from: ['From: sip:caller@example.net;tag=3413415', 'From: sip:caller@example.net;tag=2923420123'],
        to: ['To: sip:user@example.com', 'To: sip:other@example.net'],
      },
      [],
      BODY,
    ),
  },
  {
    name: 'mcl01',
    section: '3.3.9',
    expected: REFUSED,
    text: usual('mcl01', OPTIONS, { length: ['Content-Length: 13', 'Content-Length: 5'] }).concat('There is no way'),
  },
  {
    name: 'bcast',
    section: '3.3.10',
    expected: 'silence',
    text: usual('bcast', 'SIP/2.0 200 OK', {
      via: [
        'Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923',
        'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23',
      ],
      cseq: ['CSeq: 35 INVITE'],
    }),
  },
];
