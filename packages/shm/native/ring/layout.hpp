#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// The bytes that every attached process shares. Little-endian, 64-bit only.
//
//   0x0000 +-----------------------------------------------------------------+
//          | Identity: written once by the creator, copied by each attacher  |
//          |  000 magic        008 abi     00C mode      010 total bytes     |
//          |  018 arena bytes C            020 ttl ns (0: none)              |
//          |  028 index slots N  02C descriptors D  030 participants P       |
//          |  034 leases each Q            038 largest record M              |
//          |  040 offPart  048 offDesc     050 offIndex  058 offArena        |
//          |  060 lease budget             068 uuid[16]  078 boot id[16]     |
//          |  088 creator pid  090 start time            098 pid namespace   |
//          |  0A0 max records R (<= N)     0A8 description length            |
//          |  0B0 created, realtime ns     0F8 crc32c of Identity + text     |
//   0x0100 | LOCK     u32 word: 0 free | owner+1 in low 16 | bit 31 contended|
//   0x0140 | PUB      u64 nextSeq (first record is 1)                         |
//   0x0180 | OLDEST   u64 no LIVE record has a smaller sequence; only grows  |
//   0x01C0 | BELLS    u64 wait[4] (doorbell armed), u64 sleep[4] (futex)     |
//   0x0200 | SPACE    u64 mask[4], u32 spaceWord, u32 dataWord (futexes)     |
//   0x0240 | LEASES   u64 mask[4]: participants that hold any hazard         |
//   0x0280 | ALLOC    clock hand, extent list, free list (lock holder only)  |
//   0x02C0 | COUNT    eight relaxed counters                                 |
//   0x0300 | STATE    u32 poison, u32 retired: read by all, hardly written    |
//   0x0400 | description: up to 1 KiB that the creator wrote for attachers   |
//   0x1000 | Participant[P], 256 B each                                      |
//          | Descriptor[D], 64 B each                                        |
//          | index[N], 8 B each:  descriptor id 24 | low 40 of the sequence  |
//          | Links[D], 8 B each: lists of extents (lock holder only)         |
//          +-------------------------- page aligned -------------------------+
//          | arena: payloads, 64 B aligned, contiguous, never split          |
//          +-----------------------------------------------------------------+
//
// Nothing here is a pointer, a bool or a pthread object: 32- and 64-bit atomics
// mean the same to every process, libc and compiler.

namespace rmq::ring {

constexpr uint64_t kMagic = 0x31474E4952514D52ull;  // "RMQRING1"
constexpr uint32_t kAbi = 2;
constexpr uint32_t kModeTopic = 0;
constexpr uint32_t kModeQueue = 1;

constexpr uint32_t kMaxParticipants = 256;
constexpr uint32_t kMaskWords = kMaxParticipants / 64;
constexpr uint32_t kLeasesEach = 16;
constexpr uint32_t kLoansEach = 4;                // one of them for the put in progress
constexpr uint32_t kOpenLoansEach = kLoansEach - 1;
constexpr uint32_t kMaxDescriptors = 1u << 24;
constexpr uint32_t kNone = 0xFFFFFFFFu;

constexpr uint64_t kUnit = 64;  // granule of the arena
constexpr uint64_t kPage = 4096;
constexpr uint64_t kHeaderBytes = 0x1000;
constexpr uint64_t kDescriptionMax = 1024;

struct Identity {
  uint64_t magic;
  uint32_t abi;
  uint32_t mode;
  uint64_t totalBytes;
  uint64_t arenaBytes;
  uint64_t ttlNs;
  uint32_t indexSlots;
  uint32_t descriptors;
  uint32_t participants;
  uint32_t leasesEach;
  uint64_t maxRecordBytes;
  uint64_t offPart;
  uint64_t offDesc;
  uint64_t offIndex;
  uint64_t offArena;
  uint64_t leaseBudget;
  uint8_t uuid[16];
  uint8_t bootId[16];
  uint64_t creatorPid;  // for messages only, never for decisions
  uint64_t creatorStartTime;
  uint64_t creatorPidNamespace;
  uint32_t maxRecords;
  uint32_t reserved0;
  uint32_t descriptionBytes;
  uint32_t reserved1;
  uint64_t createdRealtimeNs;
  uint8_t reserved2[64];
  uint32_t crc;
  uint32_t reserved3;
};

struct alignas(64) LockLine {
  std::atomic<uint32_t> word;
};

struct alignas(64) PubLine {
  std::atomic<uint64_t> nextSeq;
};

struct alignas(64) OldestLine {
  std::atomic<uint64_t> seq;
};

struct alignas(64) BellLine {
  std::atomic<uint64_t> wait[kMaskWords];
  std::atomic<uint64_t> sleep[kMaskWords];
};

struct alignas(64) SpaceLine {
  std::atomic<uint64_t> mask[kMaskWords];
  std::atomic<uint32_t> spaceWord;
  std::atomic<uint32_t> dataWord;
};

struct alignas(64) LeaseLine {
  std::atomic<uint64_t> mask[kMaskWords];
};

// Plain fields: only the lock holder looks, and a dead holder's half-written
// values are thrown away by rebuild(). Anyone may read the last.
struct alignas(64) AllocLine {
  uint64_t apos;    // allocation position: the gap starts here
  uint32_t hand;    // first extent at or after apos
  uint32_t head;    // extents in address order
  uint32_t tail;
  uint32_t freeHead;
  std::atomic<uint64_t> lastTs;  // of the newest record ever; never goes back
};

struct alignas(64) CountLine {
  std::atomic<uint64_t> evicted;
  std::atomic<uint64_t> expired;
  std::atomic<uint64_t> popped;
  std::atomic<uint64_t> aborted;
  std::atomic<uint64_t> rejected;
  std::atomic<uint64_t> rebuilds;
  std::atomic<uint64_t> burials;
  std::atomic<uint64_t> publishedBytes;
};

// Asked with every call: not in a line that every put takes away from its readers.
struct alignas(64) StateLine {
  std::atomic<uint32_t> poison;
  std::atomic<uint32_t> retired;  // nothing is published any more
};

struct Header {
  Identity identity;
  LockLine lock;
  PubLine pub;
  OldestLine oldest;
  BellLine bells;
  SpaceLine space;
  LeaseLine leases;
  AllocLine alloc;
  CountLine count;
  StateLine state;
  uint8_t reserved[0xC0];
  uint8_t description[kDescriptionMax];
};

struct alignas(64) Participant {
  std::atomic<uint64_t> epoch;
  std::atomic<uint64_t> pid;  // 0: clean. Non-zero: whoever gets the byte must clean
  std::atomic<uint64_t> startTime;
  std::atomic<uint64_t> pidNamespace;
  std::atomic<uint64_t> bell[2];
  std::atomic<uint64_t> pinned;
  std::atomic<uint32_t> flags;
  uint32_t reserved0;
  std::atomic<uint64_t> lease[kLeasesEach];  // hazard: id 24 | generation 40
  uint8_t reserved1[64];
};

struct alignas(64) Descriptor {
  std::atomic<uint64_t> word;  // see word.hpp: the only truth about this record
  std::atomic<uint64_t> seq;
  std::atomic<uint32_t> off;   // in units
  std::atomic<uint32_t> foot;  // in units
  std::atomic<uint64_t> len;
  std::atomic<uint64_t> monoNs;
  std::atomic<uint64_t> captureNs;
  std::atomic<uint32_t> crc;
  std::atomic<uint32_t> writer;
};

// Of a descriptor: its neighbours in the list of extents or of free ones. Beside
// the descriptors, because a put writes its neighbours' while they are read.
struct Links {
  uint32_t prev;
  uint32_t next;
};

static_assert(std::atomic<uint64_t>::is_always_lock_free, "a locked atomic is private to a process");
static_assert(std::atomic<uint32_t>::is_always_lock_free, "a locked atomic is private to a process");
static_assert(sizeof(std::atomic<uint64_t>) == 8 && sizeof(std::atomic<uint32_t>) == 4);
static_assert(sizeof(void*) == 8, "64-bit only");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian only");
static_assert(std::is_standard_layout_v<Header> && std::is_standard_layout_v<Participant> &&
              std::is_standard_layout_v<Descriptor> && std::is_standard_layout_v<Links>);

#define RMQ_AT(type, field, offset) static_assert(offsetof(type, field) == (offset), #type "." #field)
RMQ_AT(Identity, magic, 0x00);
RMQ_AT(Identity, abi, 0x08);
RMQ_AT(Identity, mode, 0x0C);
RMQ_AT(Identity, totalBytes, 0x10);
RMQ_AT(Identity, arenaBytes, 0x18);
RMQ_AT(Identity, ttlNs, 0x20);
RMQ_AT(Identity, indexSlots, 0x28);
RMQ_AT(Identity, descriptors, 0x2C);
RMQ_AT(Identity, participants, 0x30);
RMQ_AT(Identity, leasesEach, 0x34);
RMQ_AT(Identity, maxRecordBytes, 0x38);
RMQ_AT(Identity, offPart, 0x40);
RMQ_AT(Identity, offDesc, 0x48);
RMQ_AT(Identity, offIndex, 0x50);
RMQ_AT(Identity, offArena, 0x58);
RMQ_AT(Identity, leaseBudget, 0x60);
RMQ_AT(Identity, uuid, 0x68);
RMQ_AT(Identity, bootId, 0x78);
RMQ_AT(Identity, creatorPid, 0x88);
RMQ_AT(Identity, creatorStartTime, 0x90);
RMQ_AT(Identity, creatorPidNamespace, 0x98);
RMQ_AT(Identity, maxRecords, 0xA0);
RMQ_AT(Identity, descriptionBytes, 0xA8);
RMQ_AT(Identity, createdRealtimeNs, 0xB0);
RMQ_AT(Identity, crc, 0xF8);
RMQ_AT(Header, lock, 0x100);
RMQ_AT(Header, pub, 0x140);
RMQ_AT(Header, oldest, 0x180);
RMQ_AT(Header, bells, 0x1C0);
RMQ_AT(Header, space, 0x200);
RMQ_AT(Header, leases, 0x240);
RMQ_AT(Header, alloc, 0x280);
RMQ_AT(Header, count, 0x2C0);
RMQ_AT(Header, state, 0x300);
RMQ_AT(Header, description, 0x400);
RMQ_AT(StateLine, retired, 4);
RMQ_AT(BellLine, sleep, 32);
RMQ_AT(SpaceLine, spaceWord, 32);
RMQ_AT(SpaceLine, dataWord, 36);
RMQ_AT(AllocLine, hand, 8);
RMQ_AT(AllocLine, head, 12);
RMQ_AT(AllocLine, tail, 16);
RMQ_AT(AllocLine, freeHead, 20);
RMQ_AT(AllocLine, lastTs, 24);
RMQ_AT(CountLine, expired, 8);
RMQ_AT(CountLine, popped, 16);
RMQ_AT(CountLine, aborted, 24);
RMQ_AT(CountLine, rejected, 32);
RMQ_AT(CountLine, rebuilds, 40);
RMQ_AT(CountLine, burials, 48);
RMQ_AT(CountLine, publishedBytes, 56);
RMQ_AT(Participant, epoch, 0);
RMQ_AT(Participant, pid, 8);
RMQ_AT(Participant, startTime, 16);
RMQ_AT(Participant, pidNamespace, 24);
RMQ_AT(Participant, bell, 32);
RMQ_AT(Participant, pinned, 48);
RMQ_AT(Participant, flags, 56);
RMQ_AT(Participant, lease, 64);
RMQ_AT(Descriptor, word, 0);
RMQ_AT(Descriptor, seq, 8);
RMQ_AT(Descriptor, off, 16);
RMQ_AT(Descriptor, foot, 20);
RMQ_AT(Descriptor, len, 24);
RMQ_AT(Descriptor, monoNs, 32);
RMQ_AT(Descriptor, captureNs, 40);
RMQ_AT(Descriptor, crc, 48);
RMQ_AT(Descriptor, writer, 52);
RMQ_AT(Links, next, 4);
#undef RMQ_AT
static_assert(sizeof(Identity) == 0x100);
static_assert(sizeof(Header) == 0x800 && sizeof(Header) <= kHeaderBytes);
static_assert(sizeof(Participant) == 256);
static_assert(sizeof(Descriptor) == 64);
static_assert(sizeof(Links) == 8);

}  // namespace rmq::ring
