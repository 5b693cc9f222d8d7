/*
 * Counts the misses of libCacheSim's own LRU through its library, as its program prints a ratio of four digits only. Usage:
 * libcachesim FILE ENTRIES, where FILE is an oracleGeneral trace. Prints the requests and the misses.
 */
#include <libCacheSim.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  reader_init_param_t how = {0};
  how.ignore_obj_size = true;
  reader_t *reader = open_trace(argv[1], ORACLE_GENERAL_TRACE, &how);
  common_cache_params_t params = {.cache_size = strtoull(argv[2], NULL, 10), .hashpower = 24, .default_ttl = 86400 * 300};
  cache_t *cache = LRU_init(params, NULL);
  request_t *request = new_request();
  unsigned long requests = 0, misses = 0;
  while (read_one_req(reader, request) == 0) {
    requests++;
    if (!cache->get(cache, request)) misses++;
  }
  printf("%lu %lu\n", requests, misses);
  return 0;
}
