#include <gtest/gtest.h>

#include "crc32c.hpp"
#include "support/plain-memory.hpp"
#include "word.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

template <class T>
T read(const uint8_t* bytes, uint64_t offset) {
  T value;
  std::memcpy(&value, bytes + offset, sizeof value);
  return value;
}

// Numbers written down by hand: a segment of one build must be readable by the
// next, on either architecture.
TEST(Layout, GoldenOffsets) {
  Options options;
  options.capacityBytes = 65536;
  options.maxRecords = 16;
  options.participants = 4;
  options.ttlNs = 7;
  PlainMemory memory(options);
  const uint8_t* b = memory.bytes();
  EXPECT_EQ(std::memcmp(b, "RMQRING1", 8), 0);
  EXPECT_EQ(read<uint32_t>(b, 0x08), 2u);
  EXPECT_EQ(read<uint32_t>(b, 0x0C), 0u);
  EXPECT_EQ(read<uint64_t>(b, 0x18), 65536u);
  EXPECT_EQ(read<uint64_t>(b, 0x20), 7u);
  EXPECT_EQ(read<uint32_t>(b, 0x28), 16u);
  EXPECT_EQ(read<uint32_t>(b, 0x2C), 16u + 4 * 16 + 4 * 4);
  EXPECT_EQ(read<uint32_t>(b, 0x30), 4u);
  EXPECT_EQ(read<uint32_t>(b, 0x34), 16u);
  EXPECT_EQ(read<uint64_t>(b, 0x38), 65536u);
  EXPECT_EQ(read<uint64_t>(b, 0x40), 0x1000u);
  EXPECT_EQ(read<uint64_t>(b, 0x48), 0x1400u);
  EXPECT_EQ(read<uint64_t>(b, 0x50), 0x1400u + 96 * 64);
  EXPECT_EQ(read<uint64_t>(b, 0x58), 0x3000u);
  EXPECT_EQ(read<uint64_t>(b, 0x10), 0x3000u + 65536);
  EXPECT_EQ(read<uint64_t>(b, 0x60), 16384u);
  EXPECT_EQ(read<uint32_t>(b, 0xA0), 16u);
  EXPECT_EQ(read<uint64_t>(b, 0x140), 1u);
  EXPECT_EQ(read<uint64_t>(b, 0x180), 1u);
  EXPECT_EQ(read<uint64_t>(b, 0x300), 0u) << "neither poisoned nor retired";

  Member writer(memory);
  const char text[] = "hello";
  memory.clock.now = 123456;
  uint64_t seq = 0;
  PutOptions put;
  put.captureNs = 99;
  put.crc = 0xABCD;
  ASSERT_EQ(writer->put(text, 5, put, &seq), Status::ok);
  EXPECT_EQ(seq, 1u);
  EXPECT_EQ(read<uint64_t>(b, 0x140), 2u);
  EXPECT_EQ(read<uint64_t>(b, 0x1000), 1u) << "epoch of place 0";
  EXPECT_EQ(read<uint64_t>(b, 0x1008), static_cast<uint64_t>(writer.who));
  const uint64_t d = 0x1400;
  EXPECT_EQ(read<uint64_t>(b, d + 0), (1ull << 24) | 2) << "generation 1, owner 0, LIVE";
  EXPECT_EQ(read<uint64_t>(b, d + 8), 1u);
  EXPECT_EQ(read<uint32_t>(b, d + 16), 0u);
  EXPECT_EQ(read<uint32_t>(b, d + 20), 1u);
  EXPECT_EQ(read<uint64_t>(b, d + 24), 5u);
  EXPECT_EQ(read<uint64_t>(b, d + 32), 123456u);
  EXPECT_EQ(read<uint64_t>(b, d + 40), 99u);
  EXPECT_EQ(read<uint32_t>(b, d + 48), 0xABCDu);
  EXPECT_EQ(read<uint64_t>(b, 0x1400 + 96 * 64 + 8), 1ull << 24) << "index slot 1: id 0, sequence 1";
  EXPECT_EQ(read<uint64_t>(b, 0x1400 + 96 * 64 + 16 * 8), ~0ull) << "no neighbours";
  EXPECT_EQ(std::memcmp(b + 0x3000, "hello", 5), 0);
  EXPECT_EQ(read<uint64_t>(b, 0x280 + 24), 123456u) << "newest time";
  EXPECT_EQ(read<uint64_t>(b, 0x2C0 + 56), 5u) << "published bytes";

  Lease lease;
  ASSERT_EQ(writer->lease(1, lease), Status::ok);
  EXPECT_EQ(read<uint64_t>(b, 0x240), 1u);
  EXPECT_EQ(read<uint64_t>(b, 0x1000 + 64), 1ull << 24) << "hazard: id 0, generation 1";
  const Reference r = writer->reference(lease);
  EXPECT_EQ(r.totalBytes, 0x3000u + 65536);
  EXPECT_EQ(r.start, 0x3000u);
  EXPECT_EQ(r.length, 5u);
  EXPECT_EQ(read<uint32_t>(b, 0x304), 0u);
  writer->retire();
  EXPECT_EQ(read<uint32_t>(b, 0x304), 1u);
  writer->unlease(lease);
  EXPECT_EQ(read<uint64_t>(b, 0x240), 0u);
}

TEST(Layout, Crc32cKnownAnswer) {
  EXPECT_EQ(crc32c(0, "123456789", 9), 0xE3069283u);
  EXPECT_EQ(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xE3069283u);
}

TEST(Layout, GenerationSkipsZero) {
  const uint64_t last = word::make(State::dead, 3, word::kGenerationMask);
  EXPECT_EQ(word::nextGeneration(last), 1u);
  EXPECT_EQ(word::generation(word::make(State::live, 65535, 5)), 5u);
  EXPECT_EQ(word::owner(word::make(State::live, 65535, 5)), 65535u);
}

TEST(Geometry, IndexGrowsWithRecords) {
  Options options;
  options.capacityBytes = 1 << 20;
  options.maxRecords = 5000;  // 10 s at 500 Hz
  Geometry g;
  ASSERT_EQ(planGeometry(options, g), Status::ok);
  EXPECT_EQ(g.indexSlots, 8192u);
  EXPECT_EQ(g.maxRecords, 5000u);
  EXPECT_EQ(g.offArena % kPage, 0u);
}

TEST(Geometry, RefusesNonsense) {
  Geometry g;
  Options ok;
  ok.capacityBytes = 4096;
  ASSERT_EQ(planGeometry(ok, g), Status::ok);
  for (auto change : {+[](Options& o) { o.capacityBytes = 0; }, +[](Options& o) { o.capacityBytes = ~0ull; },
                      +[](Options& o) { o.participants = 0; }, +[](Options& o) { o.participants = 257; },
                      +[](Options& o) { o.maxRecords = 0; }, +[](Options& o) { o.maxRecords = 1u << 30; },
                      +[](Options& o) { o.maxRecordBytes = 8192; }, +[](Options& o) { o.mode = 2; }}) {
    Options o = ok;
    change(o);
    EXPECT_EQ(planGeometry(o, g), Status::invalidArgument);
  }
}

class HeaderTest : public ::testing::Test {
 protected:
  HeaderTest() : memory(make()) { std::memcpy(header, memory.bytes(), sizeof header); }
  static Options make() {
    Options o;
    o.capacityBytes = 65536;
    return o;
  }
  Identity& id() { return *reinterpret_cast<Identity*>(header); }
  void seal() { id().crc = headerCrc(header); }
  Status check(uint64_t size) { return checkHeader(header, size, out, diagnosis); }

  PlainMemory memory;
  alignas(64) uint8_t header[kHeaderBytes];
  Geometry out;
  Diagnosis diagnosis;
};

TEST_F(HeaderTest, EveryRefusalHasItsOwnStatus) {
  const uint64_t size = memory.geometry.totalBytes;
  EXPECT_EQ(check(size), Status::ok);
  EXPECT_EQ(check(size - 1), Status::truncated);
  EXPECT_EQ(check(size + 4096), Status::truncated);
  id().magic ^= 1;
  EXPECT_EQ(check(size), Status::notARing);
  id().magic ^= 1;
  id().abi = 7;
  EXPECT_EQ(check(size), Status::versionMismatch);
  EXPECT_EQ(diagnosis.expectedAbi, kAbi);
  EXPECT_EQ(diagnosis.foundAbi, 7u);
  id().abi = kAbi;
  id().ttlNs = 5;
  EXPECT_EQ(check(size), Status::corrupt) << "checksum";
  seal();
  EXPECT_EQ(check(size), Status::ok);
}

TEST_F(HeaderTest, NumbersMustAgreeEvenWithARightChecksum) {
  const uint64_t size = memory.geometry.totalBytes;
  const Identity good = id();
  for (auto change :
       {+[](Identity& i) { i.offArena -= 4096; }, +[](Identity& i) { i.descriptors += 1; },
        +[](Identity& i) { i.indexSlots *= 2; }, +[](Identity& i) { i.participants = 100000; },
        +[](Identity& i) { i.arenaBytes = ~0ull; }, +[](Identity& i) { i.totalBytes = 64; },
        +[](Identity& i) { i.offDesc = 1; }, +[](Identity& i) { i.leasesEach = 17; },
        +[](Identity& i) { i.descriptionBytes = 5000; }, +[](Identity& i) { i.maxRecordBytes = ~0ull; },
        +[](Identity& i) { i.maxRecords = 0; }, +[](Identity& i) { i.mode = 9; }}) {
    id() = good;
    change(id());
    seal();
    EXPECT_EQ(check(size), Status::corrupt);
  }
}

TEST(StatusNames, AreStable) {
  EXPECT_STREQ(statusName(Status::noSpace), "NO_SPACE");
  EXPECT_STREQ(statusName(Status::foreignSegment), "FOREIGN_SEGMENT");
  EXPECT_STREQ(statusName(static_cast<Status>(999)), "UNKNOWN");
}

}  // namespace
