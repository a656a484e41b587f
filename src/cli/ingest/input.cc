// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>

#include "cli/server.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10U;

class PlainInput final : public Input {
    std::size_t decode(std::string& out) override {
        if (raw_used_ == raw_.size() && !refill()) return 0;
        out.append(raw_, raw_used_);
        return raw_.size() - std::exchange(raw_used_, raw_.size());
    }
};

class GzipInput final : public Input {
public:
    GzipInput() {
        if (inflateInit2(&stream_, 15 + 16) != Z_OK)
            throw CommandError("zlib cannot be initialized");
    }
    ~GzipInput() override { inflateEnd(&stream_); }

private:
    std::size_t decode(std::string& out) override {
        const std::size_t before = out.size();
        while (out.size() == before) {
            if (raw_used_ == raw_.size() && !refill()) {
                if (inside_) throw CommandError(path_ + ": the gzip file is truncated");
                return 0;
            }
            inflate_some(out);
        }
        return out.size() - before;
    }

    void inflate_some(std::string& out) {
        const std::size_t before = out.size();
        out.resize(before + kBlockBytes);
        stream_.next_in = reinterpret_cast<Bytef*>(raw_.data() + raw_used_);
        stream_.avail_in = static_cast<uInt>(raw_.size() - raw_used_);
        stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream_.avail_out = static_cast<uInt>(kBlockBytes);
        const int result = inflate(&stream_, Z_NO_FLUSH);
        raw_used_ = raw_.size() - stream_.avail_in;
        out.resize(before + kBlockBytes - stream_.avail_out);
        inside_ = result == Z_OK || result == Z_BUF_ERROR;
        // A file may have several members, one after the other.
        if (result == Z_STREAM_END) inflateReset(&stream_);
        if (!inside_ && result != Z_STREAM_END) {
            throw CommandError(path_ + ": the gzip file is damaged");
        }
    }

    z_stream stream_{};
    bool inside_ = false;
};

class ZstdInput final : public Input {
public:
    ZstdInput() : stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {}

private:
    std::size_t decode(std::string& out) override {
        const std::size_t before = out.size();
        while (out.size() == before) {
            if (raw_used_ == raw_.size() && !refill()) {
                if (inside_) throw CommandError(path_ + ": the zstd file is truncated");
                return 0;
            }
            out.resize(before + kBlockBytes);
            ZSTD_outBuffer to{out.data() + before, kBlockBytes, 0};
            ZSTD_inBuffer from{raw_.data(), raw_.size(), raw_used_};
            const std::size_t result = ZSTD_decompressStream(stream_.get(), &to, &from);
            raw_used_ = from.pos;
            out.resize(before + to.pos);
            if (ZSTD_isError(result) != 0) {
                throw CommandError(path_ + ": the zstd file is damaged");
            }
            inside_ = result != 0;
        }
        return out.size() - before;
    }

    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
    bool inside_ = false;
};

std::unique_ptr<Input> make_for(std::string_view first_bytes);

}  // namespace

Input::~Input() {
    if (file_ > STDIN_FILENO) ::close(file_);
}

std::unique_ptr<Input> Input::open(const std::string& path, std::optional<Encoding> encoding) {
    const int file = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw CommandError(fmt::format("{}: {}", path, std::strerror(errno)));
    std::string begin(kBlockBytes, '\0');
    std::size_t got = 0;
    for (ssize_t count = 1; count > 0 && got < 4; got += static_cast<std::size_t>(count)) {
        count = ::read(file, begin.data() + got, begin.size() - got);
        if (count < 0) throw CommandError(fmt::format("{}: {}", path, std::strerror(errno)));
    }
    begin.resize(got);
    std::unique_ptr<Input> input = make_for(begin);
    input->path_ = path == "-" ? "stdin" : path;
    input->file_ = file;
    input->text_.emplace(encoding, input->path_);
    input->raw_ = std::move(begin);
    input->raw_position_ = got;
    struct stat found{};
    if (path != "-" && ::fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
        input->raw_size_ = static_cast<std::uint64_t>(found.st_size);
        input->modified_at_ = found.st_mtim.tv_sec * 1'000'000 + found.st_mtim.tv_nsec / 1000;
    }
    return input;
}

bool Input::refill() {
    raw_.resize(kBlockBytes);
    raw_used_ = 0;
    const ssize_t got = ::read(file_, raw_.data(), raw_.size());
    if (got < 0) throw CommandError(fmt::format("{}: {}", path_, std::strerror(errno)));
    raw_.resize(static_cast<std::size_t>(got));
    raw_position_ += static_cast<std::uint64_t>(got);
    return got > 0;
}

// A block may hold no whole character: the end is where decoding gives nothing.
std::size_t Input::next_block(std::string& out) {
    const std::size_t before = out.size();
    while (out.size() == before) {
        if (decode(out) == 0) {
            text_->finish(out);
            break;
        }
        text_->convert(out, before);
    }
    return out.size() - before;
}

std::string_view Input::peek() {
    if (leftover_.empty()) next_block(leftover_);
    return leftover_;
}

std::size_t Input::read(std::string& out) {
    std::size_t got = leftover_.size();
    if (got > 0) {
        out += std::exchange(leftover_, {});
    } else {
        got = next_block(out);
    }
    position_ += got;
    return got;
}

void Input::skip_to(std::uint64_t position) {
    std::string block;
    while (position_ < position) {
        block.clear();
        if (read(block) == 0) return;
        if (position_ > position) {
            const auto excess = static_cast<std::size_t>(position_ - position);
            leftover_ = block.substr(block.size() - excess);
            position_ = position;
        }
    }
}

namespace {

std::unique_ptr<Input> make_for(std::string_view first_bytes) {
    if (first_bytes.starts_with("\x1f\x8b")) return std::make_unique<GzipInput>();
    if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<ZstdInput>();
    return std::make_unique<PlainInput>();
}

}  // namespace
}  // namespace atlas::cli
