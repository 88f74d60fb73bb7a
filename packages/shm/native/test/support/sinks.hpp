#pragma once

#include <vector>

#include "ring.hpp"

namespace rmq::ring::test {

struct Got {
  Record record;
  std::vector<uint8_t> bytes;
};

class Collect final : public RecordSink {
 public:
  bool reserve(const Record& record, void** target) override {
    if (budget == 0) return false;
    --budget;
    pending_.resize(record.length);
    *target = pending_.data();
    return true;
  }
  void accept(const Record& record) override { got.push_back(Got{record, pending_}); }
  void reject(const Record&) override { ++rejected; }

  std::vector<uint64_t> seqs() const {
    std::vector<uint64_t> out;
    for (const auto& g : got) out.push_back(g.record.seq);
    return out;
  }

  std::vector<Got> got;
  uint64_t rejected = 0;
  uint64_t budget = ~0ull;

 private:
  std::vector<uint8_t> pending_;
};

}  // namespace rmq::ring::test
