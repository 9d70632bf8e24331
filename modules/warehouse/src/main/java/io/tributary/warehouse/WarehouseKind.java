package io.tributary.warehouse;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a warehouse's URL alone says of it: what the pipeline file may leave out. */
public final class WarehouseKind {
    private final Dialect dialect;

    private WarehouseKind(Dialect dialect) {
        this.dialect = dialect;
    }

    /** How the URLs begin that there are kinds of. */
    public static List<String> urls() {
        return Dialect.all().stream().map(Dialect::urls).sorted().toList();
    }

    /** The kind of a URL, if there is one. */
    public static Optional<WarehouseKind> of(String url) {
        return Dialect.all().stream()
                .filter(dialect -> url.startsWith(dialect.urls()))
                .findFirst()
                .map(WarehouseKind::new);
    }

    /** The class of the driver. */
    public String driver() {
        return dialect.driver();
    }

    /** The driver's properties. */
    public Map<String, String> properties() {
        return dialect.properties();
    }

    /** Properties with which it knows a user by a key pair; none if it knows no such login. */
    public Map<String, String> keyLogin(String privateKeyFile) {
        return dialect.keyLogin(privateKeyFile);
    }

    /** Properties with which it knows a user by a token; none if it knows no such login. */
    public Map<String, String> tokenLogin(String token) {
        return dialect.tokenLogin(token);
    }

    /** The case of names: the one that needs no quotes. */
    public Letters letters() {
        return dialect.letters();
    }

    /** The name of the ledger's schema. */
    public String ledger() {
        return dialect.own("tributary");
    }
}
