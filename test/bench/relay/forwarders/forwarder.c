/*
 * The measure for `npm run bench:relay`: receives with recvmmsg, sends to every receiver with sendmmsg, checks nothing.
 * With `gso` as first argument, packets of one size to one receiver go out as one message (UDP_SEGMENT, Linux 4.18).
 *
 *   relay-forwarder plain|gso RECEIVER_PORT...     prints the port it listens on, runs until it is killed
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { BATCH = 64, SLOT = 1536, MOST_RECEIVERS = 16, MOST_SEGMENTED = 65000, RECEIVE_BUFFER = 4 << 20 };

static char slots[BATCH][SLOT];
static struct mmsghdr in[BATCH], out[BATCH * MOST_RECEIVERS];
static struct iovec in_vectors[BATCH], out_vectors[BATCH * MOST_RECEIVERS];
static struct sockaddr_in receivers[MOST_RECEIVERS];
static char controls[BATCH * MOST_RECEIVERS][CMSG_SPACE(sizeof(unsigned short))];

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void set_segment_size(struct msghdr *message, char *control, unsigned short size) {
  message->msg_control = control;
  message->msg_controllen = CMSG_SPACE(sizeof size);
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof size);
  memcpy(CMSG_DATA(header), &size, sizeof size);
}

/* Fills `out` for one receiver from message `count` on; returns the new count. */
static int add_receiver(int count, struct sockaddr_in *to, int packets, int gso) {
  int first_vector = (int)(to - receivers) * BATCH;
  for (int next = 0; next < packets;) {
    size_t size = in[next].msg_len, total = 0;
    int run = 0;
    do {
      out_vectors[first_vector + next + run] = (struct iovec){slots[next + run], in[next + run].msg_len};
      total += in[next + run].msg_len;
      run++;
    } while (gso && next + run < packets && in[next + run].msg_len == size && total + size <= MOST_SEGMENTED);
    struct msghdr *message = &out[count].msg_hdr;
    *message = (struct msghdr){.msg_name = to, .msg_namelen = sizeof *to};
    message->msg_iov = &out_vectors[first_vector + next];
    message->msg_iovlen = run;
    if (run > 1) set_segment_size(message, controls[count], size);
    next += run;
    count++;
  }
  return count;
}

int main(int argc, char **argv) {
  int gso = argc > 1 && strcmp(argv[1], "gso") == 0;
  int receiver_count = argc - 2;
  if (receiver_count < 1 || receiver_count > MOST_RECEIVERS) return 2;
  for (int i = 0; i < receiver_count; i++) receivers[i] = loopback(atoi(argv[i + 2]));

  int descriptor = socket(AF_INET, SOCK_DGRAM, 0), buffer = RECEIVE_BUFFER;
  struct sockaddr_in own = loopback(0);
  socklen_t length = sizeof own;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (bind(descriptor, (struct sockaddr *)&own, length) || getsockname(descriptor, (struct sockaddr *)&own, &length)) {
    perror("bind");
    return 1;
  }
  printf("%d\n", ntohs(own.sin_port));
  fflush(stdout);

  for (int i = 0; i < BATCH; i++) {
    in_vectors[i] = (struct iovec){slots[i], SLOT};
    in[i].msg_hdr = (struct msghdr){.msg_iov = &in_vectors[i], .msg_iovlen = 1};
  }
  for (;;) {
    int packets = recvmmsg(descriptor, in, BATCH, MSG_WAITFORONE, NULL), count = 0;
    if (packets <= 0) continue;
    for (int i = 0; i < receiver_count; i++) count = add_receiver(count, &receivers[i], packets, gso);
    for (int sent = 0; sent < count;) {
      int now = sendmmsg(descriptor, out + sent, count - sent, MSG_DONTWAIT);
      sent += now > 0 ? now : 1;
    }
  }
}
