// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/chunk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
protected:
    Files()
        : folder_(fs::path(testing::TempDir()) /
                  ("chunks_" +
                   std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~Files() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }

    using Units = std::vector<std::pair<std::string, std::string>>;
    struct Read {
        std::string body;
        std::vector<std::uint64_t> lines;
        std::vector<Place> ends;  // of the chunks
        std::vector<Reject> rejects;
        std::uint64_t points = 0;
        Units units;
    };
    Read read(FileFormat format, const std::string& path, Place place = {},
              std::size_t chunk_bytes = 1 << 20) {
        place.started_at = kStart;
        Read out;
        const auto input = Input::open(path);
        const auto reader = make_chunk_reader(format, *input, options_, place);
        for (;;) {
            Chunk chunk;
            const bool more = reader->next(
                chunk, chunk_bytes, [&](const Reject& reject) { out.rejects.push_back(reject); });
            if (!more) {
                out.units = reader->units();
                return out;
            }
            out.body += chunk.body;
            for (const auto& item : chunk.items) out.lines.push_back(item.line);
            out.ends.push_back({chunk.end_offset, chunk.end_line, kStart});
            for (const auto& item : chunk.items) out.points += item.fields;
        }
    }

    static constexpr Time kStart = time_from_micros(1'795'000'000'000'000);
    fs::path folder_;
    IngestOptions options_;
};

std::string gzip(const std::string& text) {
    std::string out(compressBound(text.size()) + 64, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

TEST_F(Files, NdjsonGetsTheTimeItLacksAndKeepsAllElse) {
    options_.times.now = true;
    const std::string path =
        write("a.ndjson",
              "{\"entity\":\"a\",\"at\":\"2026-01-01T00:00:00Z\"}\n\nnot json\r\n"
              "{ \"entity\":\"b\"}\n{}\n{\"entity\":\"c\", \"at\" : null}");
    const Read found = read(FileFormat::ndjson, path);
    EXPECT_EQ(found.body,
              "{\"entity\":\"a\",\"at\":\"2026-01-01T00:00:00Z\"}\nnot json\r\n"
              "{\"at\":\"2026-11-18T11:06:40.000003Z\", \"entity\":\"b\"}\n{}\n"
              "{\"entity\":\"c\", \"at\" : \"2026-11-18T11:06:40.000005Z\"}\n");
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{1, 3, 4, 5, 6}));
}

// Goal: without --now nothing gets a time that its file does not say.
TEST_F(Files, RecordsWithoutTimeAreRejected) {
    const Read json = read(FileFormat::ndjson,
                           write("a.ndjson",
                                 "{\"entity\":\"a\"}\n{\"entity\":\"b\",\"at\":null}\n"
                                 "{\"entity\":\"c\",\"at\":1795000000000}\n{\"entity\":\"d\"}\n"));
    EXPECT_EQ(json.body, "{\"entity\":\"c\",\"at\":1795000000000}\n");
    const Read lines = read(FileFormat::line, write("a.lp", "m v=1\nm v=2 1000\nm v=3\n"));
    EXPECT_EQ(lines.body, "m v=2 1000\n");
    const Read csv = read(FileFormat::csv, write("a.csv", "entity,Time,v\na,,1\nb,2026-01-01,2\n"));
    EXPECT_EQ(csv.body,
              "{\"entity\":\"b\",\"at\":\"2026-01-01T00:00:00.000000Z\","
              "\"attributes\":{\"v\":2}}\n");
    const auto rejected = [](const Read& found) {
        std::vector<std::pair<std::uint64_t, std::string>> out;
        for (const Reject& reject : found.rejects) out.emplace_back(reject.line, reject.code);
        return out;
    };
    using Rejects = std::vector<std::pair<std::uint64_t, std::string>>;
    EXPECT_EQ(rejected(json),
              (Rejects{{1, "missing_time"}, {2, "missing_time"}, {4, "missing_time"}}));
    EXPECT_EQ(rejected(lines), (Rejects{{1, "missing_time"}, {3, "missing_time"}}));
    EXPECT_EQ(rejected(csv), (Rejects{{2, "missing_time"}}));
}

TEST_F(Files, FilesWithoutTimesAreRefused) {
    const std::string ndjson = write("a.ndjson", "{\"entity\":\"a\"}\n{\"entity\":\"b\"}\n");
    const std::string lines = write("a.lp", "# comment\nm v=1\nm v=2\n");
    const std::string csv = write("a.csv", "entity,v\na,1\n");
    EXPECT_THROW(read(FileFormat::ndjson, ndjson), CommandError);
    EXPECT_THROW(read(FileFormat::line, lines), CommandError);
    EXPECT_THROW(read(FileFormat::csv, csv), CommandError);
    options_.times.now = true;
    EXPECT_EQ(read(FileFormat::ndjson, ndjson).lines.size(), 2U);
    EXPECT_EQ(read(FileFormat::line, lines).lines.size(), 2U);
    EXPECT_EQ(read(FileFormat::csv, csv).body,
              "{\"entity\":\"a\",\"at\":\"2026-11-18T11:06:40.000001Z\","
              "\"attributes\":{\"v\":1}}\n");
}

// Goal: the unit of numbers is decided by the first rows also where a run continues after them.
TEST_F(Files, TheUnitOfTimesHoldsForTheWholeFile) {
    options_.times.oldest = Time{};
    std::string csv = "entity,at,v\na,1764320400000,0\n";
    for (int i = 0; i < 300; ++i) csv += fmt::format("a,{},{}\n", 1'700'000'000 + i, i);
    const std::string path = write("a.csv", csv);
    const Read whole = read(FileFormat::csv, path, {}, 2000);
    ASSERT_GT(whole.ends.size(), 3U);
    const Read rest = read(FileFormat::csv, path, whole.ends[2], 2000);
    EXPECT_THAT(rest.body, testing::HasSubstr("\"at\":\"1970-01-20T16:13:20"));
    EXPECT_TRUE(whole.body.ends_with(rest.body));
}

TEST_F(Files, LineProtocolGetsTheTimeItLacksAndIsCheckedHere) {
    options_.times.now = true;
    const std::string path = write("a.lp",
                                   "# comment\nm,t=\\\"x v=1 1000\nm s=\"a\nb\",w=2\r\n\nm v=\n"
                                   "m v=\"open\nm v=3i");
    const Read found = read(FileFormat::line, path);
    EXPECT_EQ(found.body,
              "m,t=\\\"x v=1 1000\nm s=\"a\nb\",w=2 1795000000000003000\n"
              "m v=3i 1795000000000008000\n");
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{2, 3, 8}));
    EXPECT_EQ(found.points, 4U);
    ASSERT_EQ(found.rejects.size(), 2U);
    EXPECT_EQ(found.rejects[0].line, 6U);
    EXPECT_EQ(found.rejects[1].line, 7U);
    EXPECT_EQ(found.rejects[1].code, "invalid_line");
}

TEST_F(Files, CsvRecordsThatCannotBeReadAreRejectedAlone) {
    const std::string path = write("a.csv",
                                   "\xEF\xBB\xBF"
                                   "entity,at,v\na,2026-01-01T00:00:00Z,1\n"
                                   "b,\"open,2\nc,2026-01-01T00:00:00Z\n"
                                   "\"d\ne\",2026-01-01T00:00:00Z,\"x \"\"y\"\"\"\n");
    const Read found = read(FileFormat::csv, path);
    EXPECT_EQ(
        found.body,
        "{\"entity\":\"a\",\"at\":\"2026-01-01T00:00:00.000000Z\",\"attributes\":{\"v\":\"1\"}}\n"
        "{\"entity\":\"d\\ne\",\"at\":\"2026-01-01T00:00:00.000000Z\","
        "\"attributes\":{\"v\":\"x \\\"y\\\"\"}}\n");
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{2, 5}));
    ASSERT_EQ(found.rejects.size(), 2U);
    EXPECT_EQ(found.rejects[0].line, 3U);
    EXPECT_EQ(found.rejects[0].input, "b,\"open,2");
    EXPECT_EQ(found.rejects[1].line, 4U);
}

// Goal: lines that end with a carriage return are lines, in every format.
TEST_F(Files, CarriageReturnsEndLines) {
    const Read csv = read(FileFormat::csv, write("a.csv",
                                                 "entity,at,v\ra,2026-01-01T00:00:00Z,1\r"
                                                 "b,2026-01-01T00:00:00Z,\"x\ry\"\r"
                                                 "c,2026-01-01T00:00:00Z,z"));
    EXPECT_EQ(csv.lines, (std::vector<std::uint64_t>{2, 3, 5}));
    const Read ndjson =
        read(FileFormat::ndjson, write("a.ndjson", "{\"entity\":\"a\",\"at\":1}\r{\"at\":2}\r"));
    EXPECT_EQ(ndjson.body, "{\"entity\":\"a\",\"at\":1}\n{\"at\":2}\n");
    const Read lines = read(FileFormat::line, write("a.lp", "m v=1 1000\rm v=2 2000\r"));
    EXPECT_EQ(lines.body, "m v=1 1000\nm v=2 2000\n");
}

TEST_F(Files, AByteOrderMarkIsNoData) {
    const std::string mark = "\xEF\xBB\xBF";
    options_.csv.columns = {"entity", "at", "v"};
    EXPECT_EQ(
        read(FileFormat::csv, write("a.csv", mark + "a,2026-01-01T00:00:00Z,1\n")).body,
        "{\"entity\":\"a\",\"at\":\"2026-01-01T00:00:00.000000Z\",\"attributes\":{\"v\":1}}\n");
    EXPECT_EQ(read(FileFormat::line, write("a.lp", mark + "m v=1 1000\n")).body, "m v=1 1000\n");
    EXPECT_EQ(read(FileFormat::ndjson, write("a.ndjson", mark + "{\"at\":1}\n")).body,
              "{\"at\":1}\n");
}

// Goal: what surrounds a table in loggers' files is left out, and lines are still those of the
// file.
TEST_F(Files, LinesThatAreNoRecordsAreLeftOut) {
    options_.csv.skip_lines = 2;
    options_.csv.comment = "#";
    options_.csv.units_row = true;
    const std::string path = write("a.csv",
                                   "Logger \"7\nexported yesterday\n# remark\nentity,at,v,w\n"
                                   ",,\xC2\xB0"
                                   "C,\n# \"\na,2026-01-01T00:00:00Z,1,x\n#b\n"
                                   "b,bad,2,y\n");
    const Read found = read(FileFormat::csv, path);
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{7}));
    ASSERT_EQ(found.rejects.size(), 1U);
    EXPECT_EQ(found.rejects[0].line, 9U);
    EXPECT_EQ(found.units, (Units{{"v",
                                   "\xC2\xB0"
                                   "C"}}));
}

TEST_F(Files, ArraysAndObjectsOverSeveralLinesAreRecords) {
    const std::string array =
        "[\n  {\"entity\":\"a\",\n   \"at\":1, \"attributes\":{\"s\":\"}],\\\"\"}},\n"
        "  {\"at\":2},{\"at\":3}\n]\n";
    const Read found = read(FileFormat::ndjson, write("a.json", array));
    EXPECT_EQ(found.body,
              "{\"entity\":\"a\",    \"at\":1, \"attributes\":{\"s\":\"}],\\\"\"}}\n"
              "{\"at\":2}\n{\"at\":3}\n");
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{2, 4, 4}));
    EXPECT_EQ(read(FileFormat::ndjson, write("b.json", "{\n\"at\": 1\n}\n{\n\"at\": 2\n}\n")).body,
              "{ \"at\": 1 }\n{ \"at\": 2 }\n");
    EXPECT_EQ(read(FileFormat::ndjson, write("c.json", "[]")).body, "");
    EXPECT_THROW(read(FileFormat::ndjson, write("d.json", "[{\"at\":1},")), CommandError);
    EXPECT_THROW(read(FileFormat::ndjson, write("e.json", "[{\"at\":1},{\"at\"")), CommandError);
    EXPECT_THROW(read(FileFormat::ndjson, write("f.json", "[{\"at\":1},5]")), CommandError);
}

// Goal: a row is the line of line protocol that InfluxDB had it from.
TEST_F(Files, AnnotatedCsvBecomesLineProtocol) {
    const std::string path =
        write("a.csv",
              "#datatype,string,long,dateTime:RFC3339,double,string,string,string\r\n"
              "#group,false,false,false,false,true,true,true\r\n"
              "#default,_result,,,,,,\r\n"
              ",result,table,_time,_value,_field,_measurement,host\r\n"
              ",,0,2026-11-20T10:00:00.5Z,4.5,load,cpu,\"web 1,a\"\r\n"
              ",,0,bad,4.5,load,cpu,web\r\n"
              "\r\n"
              "#datatype,string,long,dateTime:RFC3339,string,string,long,boolean\r\n"
              "#group,false,false,false,true,true,false,false\r\n"
              "#default,_result,,,,,,\r\n"
              ",result,table,_time,_measurement,host,used,on\r\n"
              ",,1,2026-11-20T10:00:00Z,mem,web-1,5,true\r\n"
              ",,1,2026-11-20T10:00:01Z,mem,web-1,,false\r\n");
    const std::string expected =
        "cpu,host=web\\ 1\\,a load=4.5 1795168800500000000\n"
        "mem,host=web-1 used=5i,on=true 1795168800000000000\n"
        "mem,host=web-1 on=false 1795168801000000000\n";
    const auto input = Input::open(path);
    EXPECT_EQ(look_at(FileFormat::csv, *input), FileFormat::annotated);
    const Read found = read(FileFormat::annotated, path);
    EXPECT_EQ(found.body, expected);
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{5, 12, 13}));
    EXPECT_EQ(found.points, 4U);
    ASSERT_EQ(found.rejects.size(), 1U);
    EXPECT_EQ(found.rejects[0].line, 6U);
    const Read parts = read(FileFormat::annotated, path, {}, 20);
    for (const Place& place : parts.ends) {
        EXPECT_TRUE(expected.ends_with(read(FileFormat::annotated, path, place).body));
    }
}

// Goal: what line protocol cannot say is rejected, not sent as something else.
TEST_F(Files, RowsThatHaveNoLineAreRejected) {
    const Read found =
        read(FileFormat::annotated, write("a.csv",
                                          "#datatype,dateTime:RFC3339,double,string,string\n"
                                          "#group,false,false,true,true\n"
                                          "#default,,,,\n"
                                          ",_time,_value,_field,_measurement\n"
                                          ",2262-04-12T00:00:00Z,1,f,m\n"
                                          ",1677-09-20T00:00:00Z,1,f,m\n"
                                          ",2026-11-20T10:00:00Z,1,f,#m\n"
                                          ",2262-04-11T00:00:00Z,1,f,m\n"));
    EXPECT_EQ(found.body, "m f=1 9223286400000000000\n");
    ASSERT_EQ(found.rejects.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(found.rejects[i].line, 5 + i);
    EXPECT_THAT(found.rejects[2].detail, ::testing::HasSubstr("comment"));
}

TEST_F(Files, CellsThatDoNotFitAreRejectedAndTheRestIsKept) {
    std::string csv = "entity,at,v,s\n";
    for (int i = 0; i < 20; ++i) csv += fmt::format("e,2026-01-01T00:00:{:02}Z,{},x\n", i, i);
    csv += "e,2026-01-01T00:01:00Z,err,y\ne,2026-01-01T00:01:01Z,err,\n";
    const Read found = read(FileFormat::csv, write("a.csv", csv));
    EXPECT_EQ(found.lines.size(), 21U);
    EXPECT_TRUE(found.body.ends_with("\"attributes\":{\"s\":\"y\"}}\n"));
    ASSERT_EQ(found.rejects.size(), 2U);
    EXPECT_EQ(found.rejects[0].attribute, "v");
    EXPECT_EQ(found.rejects[0].entity, "e");
    EXPECT_EQ(found.rejects[0].code, "wrong_type");
    EXPECT_EQ(found.rejects[0].input, "e,2026-01-01T00:01:00Z,err,y");
}

// Goal: a run that continues at any chunk's end sends what the whole run would have sent from
// there.
TEST_F(Files, EveryPlaceIsOneToGoOnFrom) {
    options_.times.now = true;
    std::string csv = "entity,at,v\n";
    std::string ndjson;
    std::string lines;
    for (int i = 0; i < 300; ++i) {
        csv += fmt::format("\"e\n{}\",2026-01-01T00:00:00Z,{}\n", i, i);
        ndjson += fmt::format("{{\"entity\":\"e{}\",\"attributes\":{{\"v\":{}}}}}\n", i, i);
        lines += fmt::format("m,e=e{} s=\"a\nb\",v={}\n", i, i);
    }
    const struct {
        FileFormat format;
        const std::string& text;
        const char* name;
    } kCases[] = {{FileFormat::csv, csv, "a.csv"},
                  {FileFormat::ndjson, ndjson, "a.ndjson"},
                  {FileFormat::line, lines, "a.lp"}};
    for (const auto& test : kCases) {
        for (const std::string& path :
             {write(test.name, test.text), write(test.name + std::string(".gz"), gzip(test.text)),
              write(test.name + std::string(".zst"), zstd(test.text))}) {
            const Read whole = read(test.format, path, {}, 2000);
            ASSERT_GT(whole.ends.size(), 3U) << path;
            for (const Place& place : whole.ends) {
                const Read rest = read(test.format, path, place, 2000);
                EXPECT_TRUE(whole.body.ends_with(rest.body)) << path << " " << place.offset;
                ASSERT_LE(rest.lines.size(), whole.lines.size());
                EXPECT_TRUE(
                    std::equal(rest.lines.rbegin(), rest.lines.rend(), whole.lines.rbegin()));
            }
            EXPECT_EQ(read(test.format, path, whole.ends.back()).body, "") << path;
        }
    }
}

TEST_F(Files, SeveralMembersAreOneFileAndDamageIsAnError) {
    const std::string a = "{\"entity\":\"a\",\"at\":1}\n";
    const std::string b = "{\"entity\":\"b\",\"at\":1}\n";
    EXPECT_EQ(read(FileFormat::ndjson, write("two.gz", gzip(a) + gzip(b))).body, a + b);
    EXPECT_EQ(read(FileFormat::ndjson, write("two.zst", zstd(a) + zstd(b))).body, a + b);
    const std::string packed = gzip(a);
    EXPECT_THROW(read(FileFormat::ndjson, write("cut.gz", packed.substr(0, packed.size() - 5))),
                 CommandError);
    const std::string frame = zstd(a);
    EXPECT_THROW(read(FileFormat::ndjson, write("cut.zst", frame.substr(0, frame.size() - 3))),
                 CommandError);
    EXPECT_THROW(Input::open(folder_ / "none"), CommandError);
    EXPECT_EQ(read(FileFormat::ndjson, write("empty", "")).body, "");
}

}  // namespace
}  // namespace atlas::cli
