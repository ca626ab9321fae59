//! Finding rows in the order of their `seq`, without sorting and without an end.
//!
//! A filter is answered by *strands*: queries which an index gives in order of
//! `seq`. They are merged, each row is held against the rest of the filter, and
//! the walk ends when the page is full or enough was looked at; whoever asks can
//! go on from there.
//!
//! Lives here: the merge and its bounds. Never here: which strands (`pages.rs`).

use rusqlite::types::Value;
use rusqlite::{Connection, Rows, ToSql, params_from_iter};

use super::StoreError;

/// Rows that one walk looks at.
const MOST_ROWS: usize = 200_000;
/// Of bodies that it searches.
const MOST_BYTES: i64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
}

impl Order {
    /// Ends a strand: `seq` beyond parameter `number`, in order.
    pub fn beyond(self, number: usize) -> String {
        match self {
            Self::NewestFirst => format!("seq < ?{number} ORDER BY seq DESC"),
            Self::OldestFirst => format!("seq > ?{number} ORDER BY seq"),
        }
    }

    pub fn start(self) -> i64 {
        match self {
            Self::NewestFirst => i64::MAX,
            Self::OldestFirst => 0,
        }
    }

    fn first(self, of: impl Iterator<Item = i64>) -> Option<i64> {
        match self {
            Self::NewestFirst => of.max(),
            Self::OldestFirst => of.min(),
        }
    }
}

/// A query for `seq`. Its last parameter is where to begin, and comes from the walk.
#[derive(Debug)]
pub(super) struct Strand {
    pub sql: String,
    pub values: Vec<Value>,
}

/// What a row must meet, with the values that its text names as `?2` and on; `?1`
/// is the row's `seq`.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// `?` in `sql` stands for `value`, wherever it is.
    pub fn push(&mut self, sql: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push(format!("({})", sql.replace('?', &format!("?{}", self.values.len() + 1))));
    }

    pub fn push_some<V: Into<Value>>(&mut self, sql: &str, value: Option<V>) {
        if let Some(value) = value {
            self.push(sql, value);
        }
    }

    pub fn all(&self) -> String {
        if self.sql.is_empty() { "1".to_owned() } else { self.sql.join(" AND ") }
    }
}

pub(super) struct Found {
    pub seqs: Vec<i64>,
    /// Where to go on. None: nothing is left.
    pub next: Option<i64>,
}

pub(super) fn walk(
    conn: &Connection,
    strands: &[Strand],
    from: (Order, i64),
    check: (&str, &Conditions),
    limit: usize,
) -> Result<Found, StoreError> {
    walk_within((MOST_ROWS, MOST_BYTES), conn, strands, from, check, limit)
}

/// `check` says of a row how many bytes of it are searched, and whether it is
/// wanted.
fn walk_within(
    (most_rows, most_bytes): (usize, i64),
    conn: &Connection,
    strands: &[Strand],
    (order, from): (Order, i64),
    (check, conditions): (&str, &Conditions),
    limit: usize,
) -> Result<Found, StoreError> {
    let mut merge: Vec<_> =
        strands.iter().map(|strand| conn.prepare_cached(&strand.sql)).collect::<Result<_, _>>()?;
    let mut merge = Merge::begin(merge.iter_mut().zip(strands), order, from)?;
    let mut check = conn.prepare_cached(check)?;
    let mut found = Found { seqs: Vec::new(), next: None };
    let (mut bytes, mut last) = (0, from);
    for looked_at in 0.. {
        let Some(seq) = merge.next()? else { break };
        if looked_at == most_rows || bytes > most_bytes {
            found.next = Some(last);
            break;
        }
        let values = std::iter::once(&seq as &dyn ToSql).chain(conditions.values.iter().map(|v| v as _));
        let (cost, wanted): (i64, bool) =
            check.query_row(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
        bytes += cost;
        if wanted && found.seqs.len() == limit {
            found.next = found.seqs.last().copied();
            break;
        }
        found.seqs.extend(wanted.then_some(seq));
        last = seq;
    }
    Ok(found)
}

/// Several strands as one.
struct Merge<'s> {
    order: Order,
    strands: Vec<(Rows<'s>, Option<i64>)>,
}

impl<'s> Merge<'s> {
    fn begin<'c: 's>(
        strands: impl Iterator<Item = (&'s mut rusqlite::CachedStatement<'c>, &'s Strand)>,
        order: Order,
        from: i64,
    ) -> Result<Self, StoreError> {
        let mut begun = Vec::new();
        for (statement, strand) in strands {
            let values = strand.values.iter().map(|v| v as &dyn ToSql).chain([&from as &dyn ToSql]);
            let mut rows = statement.query(params_from_iter(values))?;
            let head = step(&mut rows)?;
            begun.push((rows, head));
        }
        Ok(Self { order, strands: begun })
    }

    /// A row that is in two strands comes once.
    fn next(&mut self) -> Result<Option<i64>, StoreError> {
        let first = self.order.first(self.strands.iter().filter_map(|(_, head)| *head));
        for (rows, head) in &mut self.strands {
            if first.is_some() && *head == first {
                *head = step(rows)?;
            }
        }
        Ok(first)
    }
}

fn step(rows: &mut Rows<'_>) -> Result<Option<i64>, StoreError> {
    Ok(match rows.next()? {
        Some(row) => Some(row.get(0)?),
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 1 to 9, of 10 bytes each.
    fn nine() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE rows (seq INTEGER PRIMARY KEY);
             INSERT INTO rows VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9);",
        )
        .unwrap();
        conn
    }

    fn strand(which: &str, order: Order) -> Strand {
        Strand {
            sql: format!("SELECT seq FROM rows WHERE {which} AND {}", order.beyond(1)),
            values: Vec::new(),
        }
    }

    fn found(within: (usize, i64), order: Order, from: i64, limit: usize) -> (Vec<i64>, Option<i64>) {
        // One that is in both strands comes once.
        let strands = [strand("seq % 2 = 0", order), strand("seq % 3 = 0", order)];
        let mut not_six = Conditions::default();
        not_six.push("r.seq <> ?", 6);
        let check = format!("SELECT 10, {} FROM rows r WHERE r.seq = ?1", not_six.all());
        let found = walk_within(within, &nine(), &strands, (order, from), (&check, &not_six), limit).unwrap();
        (found.seqs, found.next)
    }

    const ALL: (usize, i64) = (100, 1_000);

    #[test]
    fn strands_are_one_in_either_order() {
        assert_eq!(found(ALL, Order::NewestFirst, i64::MAX, 9), (vec![9, 8, 4, 3, 2], None));
        assert_eq!(found(ALL, Order::OldestFirst, 0, 9), (vec![2, 3, 4, 8, 9], None));
    }

    #[test]
    fn a_page_that_is_full_says_where_to_go_on_if_there_is_more() {
        assert_eq!(found(ALL, Order::NewestFirst, i64::MAX, 2), (vec![9, 8], Some(8)));
        assert_eq!(found(ALL, Order::NewestFirst, 8, 3), (vec![4, 3, 2], None));
        assert_eq!(found(ALL, Order::OldestFirst, 4, 1), (vec![8], Some(8)));
    }

    #[test]
    fn it_ends_when_enough_was_looked_at() {
        assert_eq!(found((3, 1_000), Order::NewestFirst, i64::MAX, 9), (vec![9, 8], Some(6)));
        assert_eq!(found((100, 15), Order::NewestFirst, i64::MAX, 9), (vec![9, 8], Some(8)));
        assert_eq!(
            found((1, 1_000), Order::OldestFirst, 4, 9),
            (vec![], Some(6)),
            "empty, and there is more"
        );
    }
}
