// SPDX-License-Identifier: Apache-2.0
#include "http/server/coding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>

namespace atlas::http {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, in gzip's wrapping
constexpr int kGzipLevel = 4;
constexpr int kZstdLevel = 3;
constexpr int kZstdWindowLog = 23;  // 8 MiB: what RFC 8878 asks every decoder to bear
constexpr std::size_t kStep = std::size_t{64} << 10U;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

class IdentityDecoder final : public BodyDecoder {
public:
    explicit IdentityDecoder(std::size_t limit) : limit_(limit) {}

    DecodeStatus write(std::string_view chunk, std::string& out) override {
        if (chunk.size() > limit_ - out.size()) return DecodeStatus::too_large;
        out += chunk;
        return DecodeStatus::ok;
    }
    DecodeStatus finish() override { return DecodeStatus::ok; }

private:
    const std::size_t limit_;
};

class GzipDecoder final : public BodyDecoder {
public:
    explicit GzipDecoder(std::size_t limit) : limit_(limit) {
        if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
    }
    ~GzipDecoder() override { inflateEnd(&stream_); }
    GzipDecoder(const GzipDecoder&) = delete;
    GzipDecoder& operator=(const GzipDecoder&) = delete;

    DecodeStatus write(std::string_view chunk, std::string& out) override {
        if (chunk.size() > limit_ - taken_) return DecodeStatus::too_large;
        taken_ += chunk.size();
        std::string in(chunk);  // zlib wants writable bytes
        stream_.next_in = reinterpret_cast<Bytef*>(in.data());
        stream_.avail_in = static_cast<uInt>(in.size());
        return inflate_all(out);
    }
    DecodeStatus finish() override { return inside_ ? DecodeStatus::corrupt : DecodeStatus::ok; }
    std::size_t memory() const override { return kStep; }

private:
    DecodeStatus inflate_all(std::string& out) {
        for (;;) {
            if (!inside_) {
                if (stream_.avail_in == 0) return DecodeStatus::ok;
                inflateReset(&stream_);
                inside_ = true;
            }
            stream_.next_out = reinterpret_cast<Bytef*>(step_.data());
            stream_.avail_out = kStep;
            const int result = inflate(&stream_, Z_NO_FLUSH);
            const std::size_t made = kStep - stream_.avail_out;
            if (made > limit_ - out.size()) return DecodeStatus::too_large;
            out.append(step_.data(), made);
            if (result == Z_STREAM_END) {
                inside_ = false;
            } else if (result == Z_BUF_ERROR ||
                       (result == Z_OK && stream_.avail_in == 0 && stream_.avail_out > 0)) {
                return DecodeStatus::ok;  // wants more input
            } else if (result != Z_OK) {
                return DecodeStatus::corrupt;
            }
        }
    }

    const std::size_t limit_;
    std::size_t taken_ = 0;
    bool inside_ = false;  // of a member
    z_stream stream_{};
    std::array<char, kStep> step_;
};

class ZstdDecoder final : public BodyDecoder {
public:
    explicit ZstdDecoder(std::size_t limit) : limit_(limit), context_(ZSTD_createDCtx()) {
        if (!context_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
    }

    DecodeStatus write(std::string_view chunk, std::string& out) override {
        if (chunk.size() > limit_ - taken_) return DecodeStatus::too_large;
        taken_ += chunk.size();
        ZSTD_inBuffer in{chunk.data(), chunk.size(), 0};
        bool more = in.size > 0;
        while (more) {
            ZSTD_outBuffer step{step_.data(), kStep, 0};
            const std::size_t result = ZSTD_decompressStream(context_.get(), &step, &in);
            if (ZSTD_isError(result) != 0) return DecodeStatus::corrupt;
            if (step.pos > limit_ - out.size()) return DecodeStatus::too_large;
            out.append(step_.data(), step.pos);
            inside_ = result != 0;
            // A frame that ends with a full step has nothing left to give: asking again would begin
            // the next one.
            more = in.pos < in.size || (inside_ && step.pos == step.size);
        }
        return DecodeStatus::ok;
    }
    DecodeStatus finish() override { return inside_ ? DecodeStatus::corrupt : DecodeStatus::ok; }
    std::size_t memory() const override { return kStep + ZSTD_sizeof_DCtx(context_.get()); }

private:
    struct Free {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    const std::size_t limit_;
    std::size_t taken_ = 0;
    bool inside_ = false;  // of a frame
    const std::unique_ptr<ZSTD_DCtx, Free> context_;
    std::array<char, kStep> step_;
};

std::string compress_gzip(std::string_view text) {
    z_stream stream{};
    if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
    std::string in(text);
    std::string out(deflateBound(&stream, static_cast<uLong>(in.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);  // cannot fail: the room is deflateBound
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string compress_zstd(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), text.data(), text.size(), kZstdLevel);
    if (ZSTD_isError(size) != 0) throw std::bad_alloc();
    out.resize(size);
    return out;
}

// Whether a parameter list ("q=0.5") weighs the coding at zero.
bool is_refused(std::string_view parameters) {
    const auto q = parameters.find("q=");
    if (q == std::string_view::npos) return false;
    const std::string_view weight = parameters.substr(q + 2);
    return weight.starts_with('0') && weight.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

std::optional<Coding> parse_content_encoding(std::string_view value) {
    const std::string name = lower(trim(value));
    if (name.empty() || name == "identity") return Coding::identity;
    if (name == "gzip" || name == "x-gzip") return Coding::gzip;
    if (name == "zstd") return Coding::zstd;
    return std::nullopt;
}

Coding negotiate(std::string_view accept_encoding) {
    for (const Coding coding : {Coding::zstd, Coding::gzip}) {
        if (accepts(accept_encoding, coding)) return coding;
    }
    return Coding::identity;
}

bool accepts(std::string_view accept_encoding, Coding coding) {
    const std::string list = lower(accept_encoding);
    for (std::string_view rest = list; !rest.empty();) {
        const auto comma = rest.find(',');
        const std::string_view item = rest.substr(0, comma);
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        const auto semicolon = item.find(';');
        const std::string_view name = trim(item.substr(0, semicolon));
        if (semicolon != std::string_view::npos && is_refused(item.substr(semicolon))) continue;
        if (parse_content_encoding(name) == coding && !name.empty()) return true;
    }
    return false;
}

std::string_view to_string(Coding coding) {
    switch (coding) {
        case Coding::gzip: return "gzip";
        case Coding::zstd: return "zstd";
        case Coding::identity: break;
    }
    return "identity";
}

std::unique_ptr<BodyDecoder> BodyDecoder::make(Coding coding, std::size_t limit) {
    switch (coding) {
        case Coding::gzip: return std::make_unique<GzipDecoder>(limit);
        case Coding::zstd: return std::make_unique<ZstdDecoder>(limit);
        case Coding::identity: break;
    }
    return std::make_unique<IdentityDecoder>(limit);
}

std::string compress(Coding coding, std::string_view text) {
    switch (coding) {
        case Coding::gzip: return compress_gzip(text);
        case Coding::zstd: return compress_zstd(text);
        case Coding::identity: break;
    }
    return std::string(text);
}

}  // namespace atlas::http
