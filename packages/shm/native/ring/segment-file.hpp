#pragma once

#include <string>

#include "segment.hpp"

namespace rmq::ring {

// Opens an existing segment file and makes sure that it is one of ours to use.
Status openSegmentFile(const std::string& path, bool writable, gid_t group, int& fd, Diagnosis& diagnosis);

bool pathLeadsTo(const std::string& path, int fd);
void pauseOneMillisecond();
std::string directoryOf(const std::string& path);
Status statusOfErrno(int error);
Status failed(Diagnosis& diagnosis, const char* reason);  // from errno

inline constexpr const char* kTemporaryPrefix = ".rmqnew-";

// Fills an Attachment step by step; what fails half-way cleans itself up.
struct AttachmentBuilder {
  static Status fill(Attachment& a, const std::string& path, int fd, const uint8_t* header,
                     const Geometry& geometry, const AttachOptions& options, bool writable,
                     Diagnosis& diagnosis);
  static Status readHeader(int fd, uint8_t (&header)[kHeaderBytes], Geometry& geometry,
                           Diagnosis& diagnosis);
  static Status map(Attachment& a, const std::string& path, int fd, const Geometry& geometry,
                    bool writable, Diagnosis& diagnosis);
  static void describe(Attachment& a, const uint8_t* header);
  static Status bind(Attachment& a, const Geometry& geometry, const AttachOptions& options);
  static Status join(Attachment& a);
  static int fd(const Attachment& a) { return a.fd_; }
  static uint8_t* memory(Attachment& a) { return a.mapping_->data(); }
  static void rename(Attachment& a, const std::string& path) { a.path_ = path; }
};

}  // namespace rmq::ring
