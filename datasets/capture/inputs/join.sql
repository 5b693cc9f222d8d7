-- The input of the memory/sqlite-join trace: a join of two tables that are larger than a second-level TLB reaches.
create table account (id integer primary key, balance integer, history blob);
create table transfer (id integer primary key, source integer, target integer, amount integer);
insert into account
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 2600)
  select i, i * 37 % 1000, zeroblob(3000 + i % 100) from n;
insert into transfer
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 1700)
  select i, 1 + i * 1597 % 2600, 1 + i * 2741 % 2600, i * 31 % 97 from n;
create index transfer_source on transfer (source);
select count(*), sum(t.amount), sum(length(a.history))
  from transfer t join account a on a.id = t.source join account b on b.id = t.target
  where a.balance > b.balance;
update account set balance = balance - 1 where id in (select source from transfer where amount > 50);
select source, sum(amount) as total from transfer group by source order by total desc, source limit 3;
