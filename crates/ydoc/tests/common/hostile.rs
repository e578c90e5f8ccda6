//! Bytes that crashed, hung or bloated other implementations, or were made to.

/// A writer of updates that nobody else would write.
#[derive(Default, Clone)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    pub fn num(mut self, mut number: u64) -> Self {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    pub fn nums(self, numbers: &[u64]) -> Self {
        numbers
            .iter()
            .fold(self, |bytes, &number| bytes.num(number))
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn str(self, text: &str) -> Self {
        self.num(text.len() as u64).raw(text.as_bytes())
    }

    /// An item in the root `t`: its content follows.
    pub fn rooted(self, content: u8) -> Self {
        self.raw(&[content]).num(1).str("t")
    }
}

fn one(client: u64, structs: u64, clock: u64) -> Bytes {
    Bytes::default().nums(&[1, structs, client, clock])
}

/// A name and an update each. None of them is acceptable to a server; some are well-formed all the same.
pub fn updates() -> Vec<(&'static str, Vec<u8>)> {
    let mut out: Vec<(&'static str, Bytes)> = Vec::new();
    let mut add = |name, bytes: Bytes| out.push((name, bytes));

    let nested = |open: &[u8], levels: usize| open.repeat(levels);
    add(
        "20000 nested arrays",
        one(1, 1, 0)
            .rooted(8)
            .num(1)
            .raw(&nested(&[117, 1], 20_000))
            .raw(&[126, 0]),
    );
    add(
        "20000 nested objects",
        one(1, 1, 0)
            .rooted(8)
            .num(1)
            .raw(&nested(&[118, 1, 1, b'k'], 20_000))
            .raw(&[126, 0]),
    );
    let json = "[".repeat(20_000) + &"]".repeat(20_000);
    add("deep json", one(1, 1, 0).rooted(2).num(1).str(&json).num(0));
    add("deep embed", one(1, 1, 0).rooted(5).str(&json).num(0));
    add(
        "deep format value",
        one(1, 1, 0).rooted(6).str("b").str(&json).num(0),
    );

    // Each type in the one before.
    let mut types = one(1, 30_000, 0).rooted(7).num(0);
    for clock in 1..30_000 {
        types = types.raw(&[7]).nums(&[0, 1, clock - 1, 0]);
    }
    add("30000 nested types", types.num(0));

    add(
        "a huge number of clients",
        Bytes::default().num(1 << 40).num(0),
    );
    add("a huge number of structs", one(1, 1 << 40, 0).num(0));
    add(
        "a huge string",
        one(1, 1, 0).rooted(4).num(1 << 50).raw(b"abc").num(0),
    );
    add(
        "a huge array",
        one(1, 1, 0).rooted(8).num(1 << 50).raw(&[126]).num(0),
    );
    add(
        "a huge nested array",
        one(1, 1, 0)
            .rooted(8)
            .num(1)
            .raw(&[117])
            .num(1 << 50)
            .num(0),
    );
    add(
        "a huge number of json values",
        one(1, 1, 0).rooted(2).num(1 << 30).num(0),
    );
    add(
        "a huge buffer",
        one(1, 1, 0).rooted(3).num(u64::from(u32::MAX)).num(0),
    );
    add(
        "a huge number of deletes",
        Bytes::default().nums(&[0, 1, 1, 1 << 45, 0, 1]),
    );
    add(
        "a huge number of deleting clients",
        Bytes::default().nums(&[0, 1 << 45]),
    );
    add(
        "a clock beyond 2^53",
        one(1, 1, (1 << 53) - 2).rooted(4).str("abc").num(0),
    );
    add(
        "a length beyond 2^53",
        one(1, 2, 1 << 52)
            .raw(&[0])
            .num(1 << 52)
            .raw(&[0])
            .num(1 << 52)
            .num(0),
    );
    add(
        "a delete beyond 2^53",
        Bytes::default().nums(&[0, 1, 1, 1, (1 << 53) - 1, 5]),
    );
    add("a number without an end", Bytes::default().raw(&[0xff; 64]));
    add(
        "a long zero",
        Bytes::default().raw(&[0x80; 4096]).raw(&[0, 0]),
    );

    add(
        "not utf-8",
        one(1, 1, 0).rooted(4).num(2).raw(&[0xc3, 0x28]).num(0),
    );
    add(
        "a surrogate in utf-8",
        one(1, 1, 0)
            .rooted(4)
            .num(3)
            .raw(&[0xed, 0xa0, 0x80])
            .num(0),
    );
    add(
        "a root that is not utf-8",
        one(1, 1, 0)
            .raw(&[4])
            .num(1)
            .num(1)
            .raw(&[0xff])
            .str("a")
            .num(0),
    );
    add("not json", one(1, 1, 0).rooted(5).str("{oops").num(0));
    add(
        "undefined as an embed",
        one(1, 1, 0).rooted(5).str("undefined").num(0),
    );
    add("an unknown content", one(1, 1, 0).rooted(11).num(0));
    add("an unknown type", one(1, 1, 0).rooted(7).num(15).num(0));
    add(
        "an unknown value",
        one(1, 1, 0).rooted(8).num(1).raw(&[1]).num(0),
    );
    add(
        "an unknown kind of parent",
        one(1, 1, 0).raw(&[4]).num(2).str("t").str("a").num(0),
    );
    add(
        "a subdocument",
        one(1, 1, 0).rooted(9).str("guid").raw(&[118, 0]).num(0),
    );

    add("an empty string", one(1, 1, 0).rooted(4).str("").num(0));
    add("an empty array", one(1, 1, 0).rooted(8).num(0).num(0));
    add("an empty tombstone", one(1, 1, 0).rooted(1).num(0).num(0));
    add("an empty gc", one(1, 1, 0).raw(&[0, 0]).num(0));
    add("an empty skip", one(1, 1, 0).raw(&[10, 0]).num(0));

    let section =
        |bytes: Bytes, client, clock| bytes.nums(&[1, client, clock]).rooted(4).str("abc");
    add(
        "a client twice",
        section(section(Bytes::default().num(2), 1, 0), 1, 0).num(0),
    );
    add(
        "a client twice, overlapping",
        section(section(Bytes::default().num(2), 1, 0), 1, 2).num(0),
    );
    add(
        "clients in rising order",
        section(section(Bytes::default().num(2), 1, 0), 2, 0).num(0),
    );

    add(
        "a delete of the future",
        Bytes::default().nums(&[0, 1, 1, 1, 1_000_000, 1_000_000]),
    );
    add(
        "a delete of all there can be",
        Bytes::default().nums(&[0, 1, 1, 1, 0, (1 << 53) - 1]),
    );
    add(
        "a start in the future",
        section(Bytes::default().num(1), 1, 1_000_000).num(0),
    );
    let mut skips = one(1, 100_000, 0);
    for _ in 0..50_000 {
        skips = skips.raw(&[10, 1, 0, 1]);
    }
    add("100000 skips", skips.num(0));
    add(
        "nothing but a skip",
        one(1, 1, 0).raw(&[10]).num(1 << 52).num(0),
    );

    // Two items that are each other's parent; one that is its own; origins that come later, or wait for each other.
    let child = |bytes: Bytes, client: u64, parent: u64| {
        bytes
            .nums(&[1, client, 0])
            .raw(&[7])
            .nums(&[0, parent, 0, 0])
    };
    add(
        "cyclic parents",
        child(child(Bytes::default().num(2), 2, 1), 1, 2).num(0),
    );
    add(
        "its own parent",
        child(Bytes::default().num(1), 1, 1).num(0),
    );
    add(
        "its own origin",
        one(1, 1, 0).raw(&[0x84]).nums(&[1, 0]).str("a").num(0),
    );
    add(
        "a later origin",
        one(1, 1, 0).raw(&[0x84]).nums(&[1, 7]).str("a").num(0),
    );
    let after = |bytes: Bytes, client: u64, origin: u64| {
        bytes
            .nums(&[2, client, 0])
            .raw(&[0x84])
            .nums(&[origin, 1])
            .str("a")
            .raw(&[0x84])
            .nums(&[client, 0])
            .str("b")
    };
    add(
        "cyclic origins",
        after(after(Bytes::default().num(2), 2, 1), 1, 2).num(0),
    );
    add(
        "a parent that is text",
        one(1, 2, 0)
            .rooted(4)
            .str("a")
            .raw(&[4])
            .nums(&[0, 1, 0])
            .str("b")
            .num(0),
    );
    add(
        "origins in two roots",
        one(1, 3, 0)
            .rooted(4)
            .str("a")
            .raw(&[4])
            .num(1)
            .str("u")
            .str("b")
            .raw(&[0xc4])
            .nums(&[1, 0, 1, 1])
            .str("c")
            .num(0),
    );
    add(
        "bytes after the end",
        section(Bytes::default().num(1), 1, 0).nums(&[0, 0]),
    );
    add("nothing", Bytes::default());

    // Waits on another client in every struct, 20,000 clients deep.
    let mut ladder = Bytes::default().num(20_000);
    for client in (1..=20_000u64).rev() {
        ladder = ladder
            .nums(&[1, client, 0])
            .raw(&[0x84])
            .nums(&[client - 1, 0])
            .str("a");
    }
    add("a ladder of clients without a foot", ladder.num(0));
    out.into_iter()
        .map(|(name, bytes)| (name, bytes.0))
        .collect()
}

/// A name and bytes each that are to be refused as a state vector.
pub fn state_vectors() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "five bytes that claim 2^32 entries",
            vec![0xff, 0xff, 0xff, 0xff, 0x0f],
        ),
        (
            "five bytes that claim 2^26 entries",
            vec![0x80, 0x80, 0x80, 0x20, 0x01],
        ),
        ("cut short", vec![2, 1, 1, 2]),
        (
            "a clock beyond 2^53",
            vec![1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ),
        ("bytes after the end", vec![0, 0]),
    ]
}
