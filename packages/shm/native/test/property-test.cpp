#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <random>

#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sanitized.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

struct Kept {
  uint64_t seq;
  uint64_t tag;
  uint64_t length;
  uint64_t born;
  uint64_t captureNs;
  bool taken = false;
};

// The topic as a plain deque: what was published and neither popped, expired
// nor pushed out. Which records memory pressure pushes out is the ring's choice,
// within the bounds checked below.
class Model {
 public:
  Model(const Geometry& g) : g_(g) {}

  void published(const Kept& k) {
    records_.push_back(k);
    while (records_.size() > 0 && records_.front().seq + g_.maxRecords <= k.seq) records_.pop_front();
  }
  void remove(uint64_t seq) {
    for (auto it = records_.begin(); it != records_.end(); ++it) {
      if (it->seq == seq) {
        ASSERT_FALSE(it->taken) << "record " << seq << " was taken twice";
        it->taken = true;
        return;
      }
    }
    ADD_FAILURE() << "record " << seq << " was not there to be taken";
  }
  const Kept* find(uint64_t seq) const {
    for (const auto& k : records_) {
      if (k.seq == seq && !k.taken) return &k;
    }
    return nullptr;
  }
  // What a reader gets must be a gapless run of the newest unexpired records,
  // except where something was pushed out of its turn, and not shorter than
  // memory allows.
  void check(const std::vector<Got>& got, uint64_t now, uint64_t slackBytes) {
    for (const auto& item : got) {
      const Kept* k = find(item.record.seq);
      ASSERT_NE(k, nullptr) << "record " << item.record.seq << " should be gone";
      ASSERT_EQ(item.bytes.size(), k->length);
      ASSERT_EQ(item.record.captureNs, k->captureNs);
      if (k->length >= 8) {
        ASSERT_EQ(patternTag(item.bytes.data()), k->tag);
      }
      ASSERT_TRUE(wholePattern(item.bytes.data(), item.bytes.size()));
      ASSERT_TRUE(g_.ttlNs == 0 || now - k->born <= g_.ttlNs) << "expired data was shown";
    }
    size_t at = got.size();
    uint64_t bytes = slackBytes;
    for (auto it = records_.rbegin(); it != records_.rend(); ++it) {
      // What was taken keeps its room until the hand comes by.
      bytes += footprint(it->length);
      if (g_.ttlNs != 0 && now - it->born > g_.ttlNs) break;
      if (bytes > g_.arenaBytes) break;
      if (it->taken) continue;
      ASSERT_GT(at, 0u) << "record " << it->seq << " was dropped although it fits";
      --at;
      ASSERT_EQ(got[at].record.seq, it->seq) << "a newer record is missing";
    }
    // Adopt the evictions.
    if (got.empty()) return;
    while (!records_.empty() && records_.front().seq < got.front().record.seq) records_.pop_front();
  }

 private:
  Geometry g_;
  std::deque<Kept> records_;
};

class Property : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Property, TopicBehavesLikeADeque) {
  const uint64_t seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  Options options;
  options.capacityBytes = 4096 * (1 + random() % 16);
  options.maxRecords = 1 + static_cast<uint32_t>(random() % 40);
  options.participants = 4;
  options.ttlNs = random() % 2 ? 0 : 50000;
  const uint64_t starts[] = {1, (1ull << 40) - 50, (1ull << 63) - 50};
  const uint64_t first = starts[random() % 3];
  PlainMemory memory(options, first);
  const uint64_t arena = memory.geometry.arenaBytes;
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 3; ++i) members.push_back(std::make_unique<Member>(memory));
  Subscriber subscriber(members[0]->ring(), first);
  Model model(memory.geometry);
  uint64_t tag = 1;
  uint64_t published = 0;
  uint64_t popped = 0;
  const uint64_t maxLength = std::min<uint64_t>(arena / 4, 3000);

  for (int step = 0; step < 3000; ++step) {
    const size_t who = random() % members.size();
    Ring& ring = members[who]->ring();
    memory.clock.advance(random() % 3000);
    switch (random() % 10) {
      default: {
        const uint64_t length = random() % maxLength;
        std::vector<uint8_t> data(length);
        fillPattern(data.data(), length, tag);
        PutOptions put;
        put.captureNs = random() % 2 ? 0 : tag;
        uint64_t seq = 0;
        if (random() % 2) {
          ASSERT_EQ(ring.put(data.data(), length, put, &seq), Status::ok);
        } else {
          Loan loan;
          ASSERT_EQ(ring.loan(length, 64, loan), Status::ok);
          if (length != 0) std::memcpy(loan.data, data.data(), length);
          ASSERT_EQ(ring.commit(loan, length, put, &seq), Status::ok);
        }
        ASSERT_EQ(seq, first + published);
        ++published;
        model.published({seq, tag++, length, memory.clock.now, put.captureNs, false});
        break;
      }
      case 5: {
        Collect sink;
        ASSERT_EQ(ring.pop(static_cast<int64_t>(random() % 7) - 3, sink, nullptr), Status::ok);
        for (const auto& g : sink.got) {
          ASSERT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
          model.remove(g.record.seq);
          ++popped;
        }
        break;
      }
      case 6: {
        Collect sink;
        subscriber.next(sink);
        break;
      }
      case 7: {
        members[who]->die();
        members[who] = std::make_unique<Member>(memory);
        ASSERT_EQ(members[who]->joined, Status::ok);
        if (who == 0) {
          // A subscription does not outlive its ring; its cursor does.
          new (&subscriber) Subscriber(members[0]->ring(), subscriber.cursor());
        }
        break;
      }
      case 8: {
        const int64_t n = static_cast<int64_t>(random() % 9) - 4;
        Collect all;
        Collect some;
        ASSERT_EQ(ring.peek(0, all, nullptr), Status::ok);
        ASSERT_EQ(ring.peek(n, some, nullptr), Status::ok);
        auto seqs = all.seqs();
        const size_t want = n == 0 ? seqs.size() : std::min<size_t>(seqs.size(), static_cast<size_t>(std::abs(n)));
        const std::vector<uint64_t> expected =
            n >= 0 ? std::vector<uint64_t>(seqs.begin(), seqs.begin() + static_cast<long>(want))
                   : std::vector<uint64_t>(seqs.end() - static_cast<long>(want), seqs.end());
        ASSERT_EQ(some.seqs(), expected);
        break;
      }
    }
    Ring& after = members[who]->ring();
    Collect all;
    ASSERT_EQ(after.peek(0, all, nullptr), Status::ok);
    // One record's room can be lost at the end of the arena and one before the hand.
    model.check(all.got, memory.clock.now, 2 * footprint(maxLength));
    if (HasFatalFailure()) return;
    ASSERT_EQ(audit(after), "") << "after step " << step;
    const auto& ledger = subscriber.ledger();
    ASSERT_EQ(ledger.received + ledger.lost, subscriber.cursor() - subscriber.start());
    const Counters c = after.counters();
    ASSERT_EQ(c.published, first - 1 + published);
    ASSERT_EQ(c.popped, popped);
    ASSERT_EQ(c.evicted + c.expired + c.popped + after.live().records, published) << "every record has one fate";
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Property, ::testing::Range<uint64_t>(1, kSlow ? 9 : 31));

}  // namespace
