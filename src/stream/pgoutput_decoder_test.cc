// SPDX-License-Identifier: Apache-2.0
//
// Goal: bytes that no server sends are refused, and a message that is cut at any byte is refused as
// truncated, never read as a shorter valid one.
// Method: messages made by hand, and streams recorded from a server.
#include "stream/pgoutput_decoder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/big_endian.h"
#include "testing/rounds.h"
#include "testing/source_dir.h"

namespace atlas::stream {
namespace {

std::string begin_message(std::int64_t time = 0) {
    std::string message = "B";
    append_big_endian(message, std::int64_t{0x1000});
    append_big_endian(message, time);
    append_big_endian(message, std::int32_t{7});
    return message;
}

std::string commit_message(char flags = 0) {
    std::string message = "C";
    message += flags;
    append_big_endian(message, std::int64_t{0x1000});
    append_big_endian(message, std::int64_t{0x1040});
    append_big_endian(message, std::int64_t{0});
    return message;
}

std::string relation_message(std::int32_t oid, std::string_view schema, std::string_view name,
                             int columns = 2) {
    std::string message = "R";
    append_big_endian(message, oid);
    message.append(schema).append(1, '\0').append(name).append(1, '\0').append("d");
    append_big_endian(message, static_cast<std::int16_t>(columns));
    for (int i = 0; i < columns; ++i) {
        message += i == 0 ? '\1' : '\0';
        message.append(1, static_cast<char>('a' + i)).append(1, '\0');
        append_big_endian(message, std::int32_t{20});
        append_big_endian(message, std::int32_t{-1});
    }
    return message;
}

std::string insert_message(std::int32_t oid, int columns, std::string_view cell = "n") {
    std::string message = "I";
    append_big_endian(message, oid);
    message += 'N';
    append_big_endian(message, static_cast<std::int16_t>(columns));
    for (int i = 0; i < columns; ++i) message += cell;
    return message;
}

// What the last of the messages gives.
Result<Event, DecodeError> decode(PgoutputDecoder& decoder,
                                  const std::vector<std::string>& messages) {
    Result<Event, DecodeError> event = std::monostate{};
    for (const auto& message : messages) {
        event = decoder.decode(message);
        if (!event) break;
    }
    return event;
}

DecodeError error_of(const std::vector<std::string>& messages) {
    PgoutputDecoder decoder;
    const auto event = decode(decoder, messages);
    EXPECT_FALSE(event);
    return event ? DecodeError{99} : event.error();
}

TEST(PgoutputDecoder, RefusesWhatNoServerSends) {
    const std::string known = relation_message(5, "public", "observations");
    const auto after = [&](const std::string& message) {
        return error_of({begin_message(), known, message});
    };
    EXPECT_EQ(error_of({""}), DecodeError::truncated);
    EXPECT_EQ(error_of({"S"}), DecodeError::unknown_message);  // of protocol version 2
    EXPECT_EQ(error_of({begin_message(), begin_message()}), DecodeError::out_of_order);
    EXPECT_EQ(error_of({commit_message()}), DecodeError::out_of_order);
    EXPECT_EQ(error_of({begin_message(), commit_message(1)}), DecodeError::unknown_message);
    EXPECT_EQ(error_of({begin_message() + "x"}), DecodeError::trailing);
    EXPECT_EQ(error_of({known, insert_message(5, 2)}), DecodeError::out_of_order);
    EXPECT_EQ(after(insert_message(6, 2)), DecodeError::unknown_relation);
    EXPECT_EQ(after(insert_message(5, 1)), DecodeError::column_mismatch);
    EXPECT_EQ(after(insert_message(5, 3)), DecodeError::column_mismatch);
    EXPECT_EQ(after(insert_message(5, -1)), DecodeError::column_mismatch);
    EXPECT_EQ(after(insert_message(5, 2, "t")), DecodeError::unknown_message);
    EXPECT_EQ(after(insert_message(5, 2) + "n"), DecodeError::trailing);
    // A cell whose size is negative, or beyond the message.
    EXPECT_EQ(after(insert_message(5, 2, {"b\xff\xff\xff\xff", 5})), DecodeError::truncated);
    EXPECT_EQ(after(insert_message(5, 2, {"b\x7f\xff\xff\xff", 5})), DecodeError::truncated);
}

TEST(PgoutputDecoder, KeepsKnownTablesAndReadsOverOthers) {
    PgoutputDecoder decoder;
    const auto other = decode(decoder, {begin_message(), relation_message(1, "public", "other"),
                                        relation_message(2, "elsewhere", "observations"),
                                        insert_message(2, 9), insert_message(1, 3)});
    ASSERT_TRUE(other);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*other));
    const auto known =
        decode(decoder, {relation_message(3, "public", "observations"), insert_message(3, 2)});
    ASSERT_TRUE(known);
    const auto& change = std::get<Change>(*known);
    EXPECT_EQ(change.relation->table, Table::observations);
    EXPECT_EQ(change.row.size(), 2U);
    EXPECT_EQ(decoder.relation(Table::entities), nullptr);
    EXPECT_EQ(decoder.relation(Table::other), nullptr);
}

TEST(PgoutputDecoder, ADefinitionThatChangesIsAnother) {
    PgoutputDecoder decoder;
    const auto version = [&](const std::string& message) {
        EXPECT_TRUE(decoder.decode(message));
        return decoder.relation(Table::shapes)->version;
    };
    const auto first = version(relation_message(3, "public", "shapes"));
    const Relation* kept = decoder.relation(Table::shapes);
    EXPECT_EQ(version(relation_message(3, "public", "shapes")), first);
    EXPECT_EQ(decoder.relation(Table::shapes), kept);
    EXPECT_EQ(version(relation_message(3, "public", "shapes", 3)), first + 1);
    // The table was made again.
    EXPECT_EQ(version(relation_message(4, "public", "shapes", 3)), first + 2);
    EXPECT_EQ(decoder.decode(begin_message()).has_value(), true);
    EXPECT_EQ(decoder.decode(insert_message(3, 3)).error(), DecodeError::unknown_relation);
}

// Goal: the memory for partitions that come and go is bounded; the known tables stay.
TEST(PgoutputDecoder, RemembersABoundedNumberOfOthers) {
    PgoutputDecoder decoder;
    ASSERT_TRUE(decoder.decode(relation_message(1, "public", "observations")));
    const auto first = static_cast<std::int32_t>(100);
    const auto last = first + static_cast<std::int32_t>(PgoutputDecoder::kMaxOthers);
    for (std::int32_t oid = first; oid <= last; ++oid) {
        ASSERT_TRUE(decoder.decode(relation_message(oid, "public", "partition", 0)));
    }
    ASSERT_TRUE(decoder.decode(begin_message()));
    EXPECT_TRUE(decoder.decode(insert_message(1, 2)));
    EXPECT_TRUE(decoder.decode(insert_message(last, 1)));
    EXPECT_TRUE(decoder.decode(insert_message(first + 1, 1)));
    EXPECT_EQ(decoder.decode(insert_message(first, 1)).error(), DecodeError::unknown_relation);
}

// The recorded streams, each as its messages.
std::vector<std::vector<std::string>> recorded_streams() {
    std::vector<std::vector<std::string>> streams;
    const auto folder = test::source_dir() / "tests/corpus/stream_pgoutput_decoder_fuzz";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        ByteReader frames(bytes);
        std::vector<std::string> messages;
        while (frames.left() > 0) messages.emplace_back(frames.bytes(frames.int4()));
        EXPECT_TRUE(frames.at_end()) << entry.path();
        streams.push_back(std::move(messages));
    }
    EXPECT_GT(streams.size(), 10U);
    return streams;
}

// Rows of a table that Atlas does not know are not looked into.
bool is_read_over(const Result<Event, DecodeError>& event, char kind) {
    return event && std::holds_alternative<std::monostate>(*event) &&
           (kind == 'I' || kind == 'U' || kind == 'D');
}

TEST(PgoutputDecoder, AMessageCutAtAnyByteIsTruncated) {
    std::size_t cuts = 0;
    for (const auto& messages : recorded_streams()) {
        PgoutputDecoder decoder;
        for (const auto& message : messages) {
            for (std::size_t size = 0; size < message.size(); ++size) {
                const auto event = decoder.decode(std::string_view(message).substr(0, size));
                if (is_read_over(event, message.front())) continue;
                ASSERT_FALSE(event) << message.front() << " cut to " << size;
                ASSERT_EQ(event.error(), DecodeError::truncated)
                    << message.front() << " cut to " << size;
                ++cuts;
            }
            ASSERT_TRUE(decoder.decode(message)) << message.front();
        }
    }
    EXPECT_GT(cuts, 1000U);
}

TEST(PgoutputDecoder, ATimeBeyondTheLastIsTheLast) {
    PgoutputDecoder decoder;
    const auto event = decoder.decode(begin_message(std::numeric_limits<std::int64_t>::max()));
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<BeginEvent>(*event).committed_at, Time::max());
}

// Goal: whatever is changed in a stream, it is decoded or refused.
TEST(PgoutputDecoderProperty, ChangedStreamsAreDecodedOrRefused) {
    const auto streams = recorded_streams();
    const auto seed = test::seed_or(1);
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t end) { return random() % end; };
    std::uint64_t refused = 0;
    for (std::uint64_t round = 0; round < test::rounds_or(3000); ++round) {
        const auto& messages = streams[below(streams.size())];
        const std::size_t struck = below(messages.size());
        PgoutputDecoder decoder;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            std::string message = messages[i];
            if (i == struck) message[below(message.size())] = static_cast<char>(random());
            if (!decoder.decode(message)) {
                ++refused;
                break;
            }
        }
    }
    EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace atlas::stream
