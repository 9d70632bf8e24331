package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What looks like a row, and is no change event. */
@Pure
class ForeignTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Maxwell's events                     | {"database":"d","table":"t","type":"insert","ts":1,"xid":1,"commit":true,"data":{"id":1}}
            Canal's events                       | {"data":[{"id":"1"}],"database":"d","es":1,"id":1,"isDdl":false,"mysqlType":{},"old":null,"pkNames":["id"],"sql":"","sqlType":{},"table":"t","ts":1,"type":"INSERT"}
            events of AWS DMS                    | {"data":{"id":1},"metadata":{"record-type":"data","operation":"insert"}}
            control records of AWS DMS           | {"control":{},"metadata":{"record-type":"control","operation":"create-table"}}
            events of Oracle GoldenGate          | {"table":"A.T","op_type":"I","op_ts":"x","current_ts":"x","pos":"1","after":{"ID":1}}
            CloudEvents; use Connect's JsonConverter | {"id":"1","source":"/d","specversion":"1.0","type":"x","time":"x","datacontenttype":"application/json","data":{}}
            wal2json's events                    | {"action":"I","schema":"s","table":"t","columns":[]}
            wal2json's events                    | {"action":"D","schema":"s","table":"t","identity":[]}
            wal2json's events                    | {"change":[]}
            events of Qlik Replicate             | {"magic":"atMSG","type":"DT","headers":null,"messageSchemaId":null,"messageSchema":null,"message":{"data":{}}}
            MongoDB's change streams as they are | {"_id":{"_data":"x"},"operationType":"insert","ns":{"db":"d","coll":"c"},"fullDocument":{}}
            DynamoDB's streams as they are       | {"eventID":"1","eventName":"INSERT","dynamodb":{}}
            CockroachDB's resolved timestamps    | {"resolved":"1.0"}
            Airbyte's records                    | {"_airbyte_ab_id":"x","_airbyte_emitted_at":1,"_airbyte_data":{}}
            Debezium's schema history            | {"source":{"server":"my"},"position":{"file":"f"},"ts_ms":1,"ddl":"create"}
            Debezium's notifications             | {"id":"1","aggregate_type":"Initial Snapshot","type":"STARTED","additional_data":{},"timestamp":1}
            """)
    @Covers(
            row = "other tools' events",
            forms = {Covers.Form.PLAIN, Covers.Form.FLAT},
            how = Covers.How.REFUSED)
    void isRefusedByName(String what, String value) {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome("{\"k\":1}", value))
                    .isEqualTo("REJECTED foreign: cannot use what is no change event: these are " + what);
        }
        assertThat(decoding.outcome("{\"id\":1}", "{\"id\":1,\"v\":2}"))
                .as("a row")
                .isEqualTo("CHANGE");
    }

    @Test
    void whatDebeziumSaysOfTablesIsNoRow() {
        String change = "{\"source\":{\"version\":\"3\",\"connector\":\"mysql\",\"name\":\"my\"},\"ts_ms\":1,"
                + "\"databaseName\":\"d\",\"schemaName\":null,\"ddl\":\"create\",\"tableChanges\":[]}";
        assertThat(new Decoding().outcome("{\"databaseName\":\"d\"}", change)).isEqualTo("IGNORED schema-change");
    }

    /** Columns may be called so. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":1,\"data\":\"x\",\"metadata\":\"y\"}",
                "{\"id\":1,\"change\":5}",
                "{\"id\":1,\"resolved\":true}",
                "{\"id\":1,\"type\":\"a\",\"ts\":1,\"data\":\"x\"}"
            })
    void aTableWithSuchColumnsIsNone(String value) {
        assertThat(new Decoding().outcome("{\"id\":1}", value)).isEqualTo("CHANGE");
    }

    /** ExtractNewRecordState's own fields say that it is a row. */
    @Test
    void aRowThatIsMarkedIsARow() {
        assertThat(new Decoding().outcome("{\"id\":1}", "{\"id\":1,\"data\":2,\"metadata\":3,\"__op\":\"c\"}"))
                .isEqualTo("CHANGE");
        assertThat(new Decoding().outcome("{\"k\":1}", "{\"data\":2,\"metadata\":3,\"__op\":\"c\"}"))
                .isEqualTo("CHANGE");
    }

    /** A cell that an update left out is null there. */
    @ParameterizedTest
    @ValueSource(strings = {"i", "u", "d", "r"})
    @Covers(
            row = "Cassandra's cells",
            forms = {Covers.Form.PLAIN},
            how = Covers.How.REFUSED)
    void cassandrasCellsAreRefused(String operation) {
        String value = "{\"ts_ms\":1,\"op\":\"" + operation
                + "\",\"source\":{\"version\":\"3\",\"connector\":\"cassandra\",\"name\":\"c\",\"ts_ms\":1,"
                + "\"snapshot\":\"false\",\"db\":\"NULL\",\"keyspace\":\"k\",\"table\":\"t\",\"file\":\"f\",\"pos\":1},"
                + "\"after\":{\"id\":{\"value\":1,\"deletion_ts\":null,\"set\":true},\"v\":null}}";
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome("{\"id\":1}", value))
                    .isEqualTo(
                            "REJECTED foreign: cannot use an event of Debezium's connector for Cassandra: its rows are of cells, and null says that one did not change");
        }
    }
}
