use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Figures: what was held and who came, by unit, course and month, with units
# below in those above, for nobody but the workers of these units.

my $site = site();
my $worker = $site->worker;
my $redis = $site->redis;
my $iso = \&Wenming::Site::iso;

# a morning of the district's clock, 40 days ago

my $zone = 8 * 3600;
my $day = int((time + $zone) / 86400) * 86400 - $zone - 40 * 86400;
my $from = substr $iso->($day + $zone), 0, 10;
my $to = substr $iso->($day + $zone + 10 * 86400), 0, 10;
my @demo = @{$worker->get('api/staff/figures', query => {
                 from => $from, to => $to })->json->{items}};

is scalar(@demo), 0, 'nothing is there yet';


# An event of a unit: hours of a day, and who came when for how many minutes.

sub held {
    my ($unit, $course, $n, $hour, @visits) = @_;

    my $start = $day + $n * 86400 + $hour * 3600;
    my $id = $site->event(unit => $unit, course => $course,
                          start => $iso->($start),
                          end => $iso->($start + 7200));

    for (@visits) {
        my ($who, $in, $out) = @$_;

        $redis->call('HSET', $site->key("att:$id"), sprintf('%016d', $who),
                     join ':', ($start + 60 * $in) * 1000,
                     defined $out ? ($start + 60 * $out) * 1000 : 0,
                     defined $out ? 'ss' : 's-', 1);
    }

    return $id;
}


sub figures {
    my ($browser, %query) = @_;

    my $r = $browser->get('api/staff/figures', query => {
        from => $from, to => $to, %query });

    is $r->{status}, 200, 'figures ' . join ' ', map { "$_=$query{$_}" }
                                                  sort keys %query;

    my $doc = $r->json;

    $doc->{row}{$_->{id}} = $_ for @{$doc->{items}};

    return $doc;
}


sub numbers {
    my ($row, @names) = @_;

    return join ' ', map { "$_=$row->{$_}" } @names;
}


# two at a station, on one day; one at its neighbour, when the same person
# was at the first one, too; one of another street, the day after

my $first = held('wenyilu-1', 'theory-01', 0, 9,
                 [1, 0, 60], [2, 30, 100], [3, 0, undef]);
held('wenyilu-1', 'law-01', 0, 14, [1, 0, 500]);
held('wenyilu-2', 'theory-01', 0, 9, [1, 30, 90]);
held('chaoyangjie-1', 'law-01', 1, 9, [4, 0, 20]);

my $off = held('wenyilu-1', 'law-01', 2, 9, [5, 0, 60]);

$worker->post("api/staff/events/$off/cancel");
$site->event(draft => 1, unit => 'wenyilu-1',
             start => $iso->($day + 3 * 86400),
             end => $iso->($day + 3 * 86400 + 3600));
$redis->call('HSET', $site->key("rating:$first"), 'n', 3, 'sum', 14);

my @all = qw(held days check_ins persons minutes missing_out);
my $doc = figures($worker);

is numbers($doc->{total}, @all),
   'held=4 days=2 check_ins=6 persons=4 minutes=330 missing_out=1',
   'all of it: time at two places counts once, and ends with the event';
is numbers($doc->{row}{furong}, @all), numbers($doc->{total}, @all),
   'the centre has all of it';
is numbers($doc->{row}{wenyilu}, @all),
   'held=3 days=1 check_ins=5 persons=3 minutes=310 missing_out=1',
   'a street has its stations';
is numbers($doc->{row}{'wenyilu-1'}, @all),
   'held=2 days=1 check_ins=4 persons=3 minutes=280 missing_out=1',
   'a station its own';
is $doc->{row}{wenyilu}{rating}, '4.7', 'the mean goes up as well';
is $doc->{row}{'chaoyangjie-1'}{rating}, '', 'where nobody rated, none';
is $doc->{row}{wenyilu}{name}, '文艺路街道新时代文明实践所', 'with names';
ok !$doc->{cut}, 'and it is all there is';

$doc = figures($worker, by => 'course', unit => 'wenyilu');

is join(' ', sort keys %{$doc->{row}}), 'law-01 theory-01', 'by course';
is numbers($doc->{row}{'theory-01'}, @all),
   'held=2 days=1 check_ins=4 persons=3 minutes=160 missing_out=1',
   'a course, in one street';
is $doc->{total}{held}, 3, 'of that street alone';

$doc = figures($worker, by => 'month');

my @months = map { $_->{id} } @{$doc->{items}};

is "@months", "@{[sort @months]}", 'months stand in their order';
is $months[0], substr($from, 0, 7), 'from the first';
is $months[-1], substr($to, 0, 7), 'to the last, also where nothing was';
is figures($worker, from => $from, to => $from)->{total}{held}, 3,
   'one day, of midnight to midnight of the district';

# what is still to come

my $later = $site->event(start => $iso->(time + 7200),
                         end => $iso->(time + 10800));

$doc = $worker->get('api/staff/figures', query => {
    to => substr $iso->(time + $zone + 86400), 0, 10 })->json;
cmp_ok $doc->{total}{planned}, '>=', 1, 'what is still to come is apart';
is substr($doc->{from}, 4), '-01-01', 'unless said otherwise, of this year';

# orders

my $web = $site->browser;
my $today = substr $iso->(time + $zone), 0, 10;
my @orders = map { $web->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu-1', head_count => 30,
    wanted => [substr $iso->(time + 20 * 86400), 0, 10],
    contact_name => "居民$_", phone => $site->phone($_) })->json->{id} } 1 .. 3;

$worker->post("api/staff/orders/$orders[0]/reject", json => {
    reason => '已停开' });
$redis->call('HSET', $site->key("order:$orders[1]"), 'due', 1);

$doc = figures($worker, from => $today, to => $today);

is numbers($doc->{row}{wenyilu}, qw(orders open done overdue)),
   'orders=3 open=2 done=0 overdue=1', 'orders by what has to be done';
is_deeply { map { $_ => $doc->{total}{orders_by}{$_} } qw(submitted rejected) },
          { submitted => 2, rejected => 1 }, 'and by state';

# order

$doc = figures($worker, sort => 'minutes', by => 'course');
is join(' ', map { $_->{id} } @{$doc->{items}}), 'law-01 theory-01',
   'sorted by a number, the highest first';
$doc = figures($worker, sort => '-minutes', by => 'course');
is join(' ', map { $_->{id} } @{$doc->{items}}), 'theory-01 law-01',
   'or the other way round';

# whose

my $street = $site->staff(unit => 'wenyilu');

$doc = figures($street);
is join(' ', sort keys %{$doc->{row}}), 'wenyilu wenyilu-1 wenyilu-2',
   'a street sees its own';
is $doc->{total}{held}, 3, 'and counts its own';

problem($street->get('api/staff/figures', query => { unit => $_ }), 404,
        'not_found', undef, "not $_") for qw(chaoyangjie furong none);
problem($site->browser->get('api/staff/figures'), 401, 'sign_in', undef,
        'nobody else');
problem($site->staff(role => 'lead', team => 'corps')
             ->get('api/staff/figures'), 403, 'forbidden', undef,
        'nor who only teaches');

# what is asked in a wrong way

problem($worker->get('api/staff/figures', query => $_->[0]), 422, 'invalid',
        [$_->[1]], "wrong $_->[1]")
    for [{ by => 'day' }, 'by'], [{ sort => 'nothing' }, 'sort'],
        [{ from => '2026-02-30' }, 'from'],
        [{ from => '2026-03-02', to => '2026-03-01' }, 'to'],
        [{ from => '2020-01-01', to => '2026-01-01' }, 'from'];

# more than an answer counts is said, and what stands before it is right

{
    my $crowd = held('chaoyangjie-2', 'law-01', 5, 9);
    my @all = map { (sprintf('%016d', $_), '1:2:ss:1') } 1 .. 50_001;

    $redis->call('HSET', $site->key("att:$crowd"), splice @all, 0, 20_000)
        while @all;

    my $doc = figures($worker);

    ok $doc->{cut}, 'too much is cut';
    is $doc->{cut_at}, substr($iso->($day + $zone + 5 * 86400), 0, 10),
       'and said where';
    is $doc->{total}{held}, 4, 'what was counted, is';
    page($worker->get("staff/figures?from=$from&to=$to"), 200,
         ['只统计了一部分'], 'the page says so');
    like $worker->get("staff/figures.csv?from=$from&to=$to")->text,
         qr/只统计了一部分/, 'and so does the sheet';
    ok !figures($street = $site->staff(unit => 'wenyilu'))->{cut},
       'a part has room enough';
    $worker->post("api/staff/events/$crowd/cancel");
    $redis->call('DEL', $site->key("att:$crowd"));
}

# for people

my $page = $worker->get("staff/figures?from=$from&to=$to");

page($page, 200, ['活动场次', '覆盖天数', '文艺路街道新时代文明实践所', '合计',
                  '下载表格'], 'the page');
like $page->text, qr/<th[^>]*aria-sort="descending"><a [^>]*sort=-held/,
     'says how it is sorted, and a link turns it round';
unlike $page->text, qr/ style="/, 'no style in it that a policy refuses';

my ($link) = Wenming::Answer::unescape($page->text)
             =~ m{href="/wenming/(staff/figures\.csv\?[^"]+)"};
my $csv = $worker->get($link);

is $csv->{status}, 200, 'the link to the sheet';
like $csv->type, qr{^text/csv}, 'gives one';
like $csv->header('content-disposition'), qr/figures-unit\.csv/,
     'with its name';
is substr($csv->{body}, 0, 3), "\xef\xbb\xbf", 'with the mark for Excel';
like $csv->text, qr/^"furong","[^"]+",@{[join ',', map { qq("$_") }
     qw(0 4 2 6 4 5.5 1 0 0 0 0 3 4.7)]}\r$/m,
     'the same numbers';
like $csv->text, qr/,"合计","0","4","2",/, 'and their sum';

my @heads = Wenming::Answer::unescape($page->text)
            =~ m{<th scope="col"[^>]*><a[^>]*>([^<]+?)(?: [↑↓])?</a>}g;
my ($line) = $csv->text =~ /^\x{feff}?"编号",(.+)\r$/m;

is $line, join(',', map { qq("$_") } @heads),
   'the columns are those of the page, in the same units';

# bars compare parts of one whole: not a unit with what it consists of

my @ranked = $page->text
             =~ m{<tr data-ranked>\n<th scope="row" class="lead-cell">([^<]+)<}g;

ok !(grep { /中心|示例社区/ } @ranked) && @ranked, 'bars are of one level'
    or diag "@ranked";

page($worker->get('staff/figures?by=day'), 422, ['有内容需要更正'],
     'a wrong address is said');

end();
