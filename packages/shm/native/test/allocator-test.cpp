#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "allocator.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sanitized.hpp"
#include "support/sinks.hpp"
#include "word.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

constexpr uint64_t kArena = 64 * 1024;

Options options(uint32_t records = 4096) {
  Options o;
  o.capacityBytes = kArena;
  o.maxRecords = records;
  o.participants = 8;
  o.leaseBudgetBytes = kArena;
  return o;
}

struct Extent {
  uint64_t begin;
  uint64_t end;
};

// What the ring must never overwrite, kept apart from the ring's own lists.
class Naive {
 public:
  void hold(uint64_t offset, uint64_t length) { held_.push_back({offset, offset + footprint(length)}); }
  void free(uint64_t offset) {
    held_.erase(std::find_if(held_.begin(), held_.end(), [&](const Extent& e) { return e.begin == offset; }));
  }
  bool overlaps(uint64_t offset, uint64_t length) const {
    const uint64_t end = offset + footprint(length);
    return std::any_of(held_.begin(), held_.end(),
                       [&](const Extent& e) { return offset < e.end && e.begin < end; });
  }
  uint64_t largestGap() const {
    auto sorted = held_;
    std::sort(sorted.begin(), sorted.end(), [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
    uint64_t at = 0;
    uint64_t best = 0;
    for (const auto& e : sorted) {
      if (e.begin > at) best = std::max(best, e.begin - at);
      at = std::max(at, e.end);
    }
    return std::max(best, kArena - at);
  }
  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& e : held_) sum += e.end - e.begin;
    return sum;
  }
  size_t count() const { return held_.size(); }

 private:
  std::vector<Extent> held_;
};

uint64_t pinnedEver = 0;

class AllocatorModel : public ::testing::TestWithParam<uint64_t> {};

TEST_P(AllocatorModel, NeverOverlapsAndFindsEveryGap) {
  const uint64_t seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  PlainMemory memory(options());
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 4; ++i) members.push_back(std::make_unique<Member>(memory));
  Naive naive;
  struct Open {
    size_t owner;
    Loan loan;
  };
  struct Held {
    size_t owner;
    Lease lease;
    uint64_t tag;
  };
  std::vector<Open> loans;
  std::vector<Held> leases;
  uint64_t tag = 1;
  uint64_t pinnedAnswers = 0;
  const uint8_t* arena = memory.bytes() + memory.geometry.offArena;

  for (int step = 0; step < 4000; ++step) {
    const size_t who = random() % members.size();
    Ring& ring = members[who]->ring();
    switch (random() % 8) {
      case 0:
      case 1:
      case 2: {  // put
        const uint64_t length = 8 + random() % (random() % 8 == 0 ? 12000 : 700);
        std::vector<uint8_t> data(length);
        fillPattern(data.data(), length, tag);
        uint64_t seq = 0;
        const Status s = ring.put(data.data(), length, {}, &seq);
        if (footprint(length) <= naive.largestGap()) {
          // Everything that nobody holds may be evicted: a gap is a promise.
          ASSERT_EQ(s, Status::ok) << "gap " << naive.largestGap() << " for " << length;
        } else {
          ASSERT_EQ(s, Status::pinned);
          ++pinnedAnswers;
        }
        if (kArena >= naive.bytes() + (naive.count() + 1) * footprint(length)) {
          ASSERT_EQ(s, Status::ok);
        }
        if (s == Status::ok) {
          Found f;
          ASSERT_EQ(ring.findRecord(seq, f), Status::ok);
          ASSERT_FALSE(naive.overlaps(f.record.offset, length));
          ++tag;
        }
        break;
      }
      case 3: {  // loan
        const uint64_t length = 8 + random() % 4000;
        const uint64_t align = random() % 4 == 0 ? 4096 : 64;
        Loan loan;
        const Status s = ring.loan(length, align, loan);
        if (s != Status::ok) {
          ASSERT_TRUE(s == Status::pinned || s == Status::loanLimit) << statusName(s);
          break;
        }
        const auto offset = static_cast<uint64_t>(loan.data - arena);
        ASSERT_EQ(offset % align, 0u);
        ASSERT_FALSE(naive.overlaps(offset, length));
        naive.hold(offset, length);
        loans.push_back({who, loan});
        break;
      }
      case 4: {  // commit or discard a loan, in any order
        if (loans.empty()) break;
        const size_t i = random() % loans.size();
        const Open open = loans[i];
        Ring& owner = members[open.owner]->ring();
        const auto offset = static_cast<uint64_t>(open.loan.data - arena);
        if (random() % 3 == 0) {
          ASSERT_EQ(owner.discard(open.loan), Status::ok);
          ASSERT_EQ(owner.discard(open.loan), Status::staleHandle);
        } else {
          const uint64_t length = 8 + random() % (open.loan.length - 7);
          fillPattern(open.loan.data, length, tag++);
          ASSERT_EQ(owner.commit(open.loan, length, {}, nullptr), Status::ok);
          ASSERT_EQ(owner.commit(open.loan, length, {}, nullptr), Status::staleHandle);
        }
        naive.free(offset);
        loans.erase(loans.begin() + static_cast<long>(i));
        break;
      }
      case 5: {  // lease something
        const uint64_t oldest = ring.oldestSeq();
        const uint64_t next = ring.nextSeq();
        if (next == oldest) break;
        Lease lease;
        const Status s = ring.lease(oldest + random() % (next - oldest), lease);
        if (s != Status::ok) {
          ASSERT_TRUE(s == Status::gone || s == Status::leaseLimit) << statusName(s);
          break;
        }
        ASSERT_TRUE(wholePattern(lease.data, lease.record.length));
        const bool twice = std::any_of(leases.begin(), leases.end(),
                                       [&](const Held& h) { return h.lease.record.offset == lease.record.offset; });
        if (twice) {
          ring.unlease(lease);
          break;
        }
        naive.hold(lease.record.offset, lease.record.length);
        leases.push_back({who, lease, patternTag(lease.data)});
        break;
      }
      case 6: {  // give a lease back
        if (leases.empty()) break;
        const size_t i = random() % leases.size();
        Held held = leases[i];
        naive.free(held.lease.record.offset);
        members[held.owner]->ring().unlease(held.lease);
        leases.erase(leases.begin() + static_cast<long>(i));
        break;
      }
      case 7: {  // pop a few
        Collect sink;
        ASSERT_EQ(ring.pop(static_cast<int64_t>(random() % 5) - 2, sink, nullptr), Status::ok);
        break;
      }
    }
    for (const auto& h : leases) {
      ASSERT_EQ(patternTag(h.lease.data), h.tag);
      ASSERT_TRUE(wholePattern(h.lease.data, h.lease.record.length)) << "a leased record was overwritten";
    }
    ASSERT_EQ(audit(ring), "") << "after step " << step;
  }
  pinnedEver += pinnedAnswers;
}

struct GotTight : ::testing::Environment {
  void TearDown() override {
    if (::testing::GTEST_FLAG(filter) == "*") EXPECT_GT(pinnedEver, 0u) << "no run was ever tight";
  }
};
const auto* const gotTight = ::testing::AddGlobalTestEnvironment(new GotTight);

INSTANTIATE_TEST_SUITE_P(Seeds, AllocatorModel, ::testing::Range<uint64_t>(1, kSlow ? 4 : 9));

TEST(Allocator, RefusingAnImpossiblePutCostsNoRecordBeyondTheWall) {
  PlainMemory memory(options());
  Member m(memory);
  std::vector<uint8_t> data(1024);
  for (int i = 0; i < 64; ++i) ASSERT_EQ(m->put(data.data(), 1024, {}, nullptr), Status::ok);
  Lease early;
  Lease middle;
  ASSERT_EQ(m->lease(1, early), Status::ok);
  ASSERT_EQ(m->lease(32, middle), Status::ok);
  std::vector<uint8_t> huge(40 * 1024);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(m->put(huge.data(), huge.size(), {}, nullptr), Status::pinned);
  EXPECT_EQ(m->counters().rejected, 10u);
  EXPECT_GE(m->live().records, 32u) << "evicted for nothing";
  m->unlease(middle);
  EXPECT_EQ(m->put(huge.data(), huge.size(), {}, nullptr), Status::ok);
  m->unlease(early);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Allocator, LargestLegalRecordAlwaysFitsWhenNothingIsHeld) {
  PlainMemory memory(options());
  Member m(memory);
  std::vector<uint8_t> data(kArena);
  std::mt19937_64 random(4);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(m->put(data.data(), random() % 3000, {}, nullptr), Status::ok);
    if (i % 10 == 0) {
      ASSERT_EQ(m->put(data.data(), kArena, {}, nullptr), Status::ok);
    }
  }
  EXPECT_EQ(m->put(data.data(), kArena + 1, {}, nullptr), Status::tooLarge);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Allocator, ManySmallPoppedRecordsDoNotUseUpDescriptors) {
  PlainMemory memory(options(16));
  Member m(memory);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(m->put("x", 1, {}, nullptr), Status::ok);
    Collect sink;
    ASSERT_EQ(m->pop(1, sink, nullptr), Status::ok);
    ASSERT_EQ(sink.got.size(), 1u);
  }
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Allocator, ManyDiscardedLoansDoNotUseUpDescriptors) {
  PlainMemory memory(options(16));
  Member m(memory);
  for (int i = 0; i < 5000; ++i) {
    Loan loan;
    ASSERT_EQ(m->loan(1, 64, loan), Status::ok);
    ASSERT_EQ(m->discard(loan), Status::ok);
  }
  EXPECT_EQ(m->counters().aborted, 5000u);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Allocator, AllLeasesAndLoansOfAllParticipantsLeaveDescriptorsForPuts) {
  PlainMemory memory(options(64));
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 8; ++i) members.push_back(std::make_unique<Member>(memory));
  std::vector<std::pair<size_t, Lease>> leases;
  for (size_t p = 0; p < members.size(); ++p) {
    for (uint32_t q = 0; q < kLeasesEach; ++q) {
      uint64_t seq;
      ASSERT_EQ(members[p]->ring().put("leased", 6, {}, &seq), Status::ok);
      Lease lease;
      ASSERT_EQ(members[p]->ring().lease(seq, lease), Status::ok);
      leases.emplace_back(p, lease);
    }
    for (uint32_t q = 0; q < kOpenLoansEach; ++q) {
      Loan loan;
      ASSERT_EQ(members[p]->ring().loan(64, 64, loan), Status::ok);
    }
    Loan loan;
    ASSERT_EQ(members[p]->ring().loan(64, 64, loan), Status::loanLimit);
  }
  for (int i = 0; i < 300; ++i) ASSERT_EQ(members[0]->ring().put("x", 1, {}, nullptr), Status::ok);
  Lease more;
  EXPECT_EQ(members[0]->ring().leaseNewest(more), Status::leaseLimit);
  EXPECT_EQ(audit(members[0]->ring()), "");
}

TEST(Allocator, GenerationWrapsWithoutConfusingLeases) {
  PlainMemory memory(options(16));
  Member m(memory);
  for (uint32_t i = 0; i < memory.geometry.descriptors; ++i) {
    m->core().v.desc[i].word.store(word::make(State::free, 0, word::kGenerationMask - 1));
  }
  Lease lease;
  for (int i = 0; i < 2000; ++i) {
    uint64_t seq;
    ASSERT_EQ(m->put("abcdefgh", 8, {}, &seq), Status::ok);
    ASSERT_EQ(m->lease(seq, lease), Status::ok);
    ASSERT_NE(m->core().v.parts[m->participant()].lease[lease.slot].load(), 0u);
    ASSERT_EQ(m->put("ijklmnop", 8, {}, nullptr), Status::ok);
    ASSERT_EQ(std::memcmp(lease.data, "abcdefgh", 8), 0);
    m->unlease(lease);
  }
  EXPECT_EQ(audit(m.ring()), "");
}

}  // namespace
