package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why a connector has failed. */
@Pure
class ConnectCheckTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            io.debezium.DebeziumException: The connector is trying to read change stream starting at PostgresOffsetContext [], but this is no longer available on the server. Reconfigure the connector to use a snapshot mode when needed. | true
            (org.postgresql.util.PSQLException: ERROR: can no longer get changes from replication slot "tributary") | true
            (org.postgresql.util.PSQLException: ERROR: can no longer access replication slot "tributary") | true
            (org.postgresql.util.PSQLException: FATAL: password authentication failed for user "cdc") | false
            (org.postgresql.util.PSQLException: ERROR: replication slot "tributary" is active for PID 7) | false
            """)
    void whatIsLostIsKnownByItsWords(String reason, boolean isLost) {
        assertThat(ConnectCheck.isLost(reason)).isEqualTo(isLost);
    }
}
