/* Writes the frames of a monitor interface as a pcap file: sniffer INTERFACE FILE. Ends at SIGTERM. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t over;

static void end(int number) {
  (void)number;
  over = 1;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = end;
  sigaction(SIGTERM, &action, NULL);
  int size = 8 << 20;
  int packets = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  setsockopt(packets, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  struct sockaddr_ll address;
  memset(&address, 0, sizeof address);
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = (int)if_nametoindex(argv[1]);
  if (packets < 0 || address.sll_ifindex == 0 || bind(packets, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  FILE *file = fopen(argv[2], "wb");
  if (file == NULL) return 1;
  /* The magic of nanoseconds, version 2.4, whole frames, radiotap. */
  uint32_t head[6] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 65535, 127};
  fwrite(head, sizeof head, 1, file);
  static char frame[65536];
  while (!over) {
    ssize_t length = recv(packets, frame, sizeof frame, 0);
    if (length < 0) break;
    /* A socket's own time stamps are of no use here: those of packets of TCP say when it had planned to send them. */
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    uint32_t record[4] = {(uint32_t)time.tv_sec, (uint32_t)time.tv_nsec, (uint32_t)length, (uint32_t)length};
    fwrite(record, sizeof record, 1, file);
    fwrite(frame, (size_t)length, 1, file);
  }
  return fclose(file) == 0 ? 0 : 1;
}
