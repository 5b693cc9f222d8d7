/* The input of the memory/gcc-cc1 trace: plain C without headers, so that any cc1 can compile it by itself. */
typedef unsigned int u32;
typedef unsigned long long u64;

enum { TABLE = 4096, KEYS = 20000 };

struct entry {
  u64 key;
  u32 value;
  struct entry *next;
};

static struct entry pool[KEYS];
static struct entry *table[TABLE];
static u32 used;
static u64 state = 88172645463325252ull;

static u64 next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static u32 hash(u64 key) {
  key ^= key >> 33;
  key *= 0xff51afd7ed558ccdull;
  key ^= key >> 33;
  key *= 0xc4ceb9fe1a85ec53ull;
  key ^= key >> 33;
  return (u32)key & (TABLE - 1);
}

static struct entry *find(u64 key) {
  struct entry *e;
  for (e = table[hash(key)]; e; e = e->next)
    if (e->key == key) return e;
  return 0;
}

static int insert(u64 key, u32 value) {
  struct entry *e = find(key);
  u32 slot;
  if (e) {
    e->value = value;
    return 0;
  }
  if (used == KEYS) return -1;
  e = &pool[used++];
  slot = hash(key);
  e->key = key;
  e->value = value;
  e->next = table[slot];
  table[slot] = e;
  return 1;
}

static void insertion_sort(u64 *a, long n) {
  long i, j;
  for (i = 1; i < n; i++) {
    u64 x = a[i];
    for (j = i; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

int main(void) {
  static u64 keys[KEYS];
  u64 check = 0;
  u32 i;
  for (i = 0; i < KEYS; i++) {
    keys[i] = next_random();
    check += (u64)insert(keys[i], i);
  }
  insertion_sort(keys, KEYS);
  for (i = 1; i < KEYS; i++) check += keys[i - 1] <= keys[i];
  return (int)(check & 0x7f);
}
