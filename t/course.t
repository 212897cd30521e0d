use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Courses that are written at the desk: draft, in review, published by who did
# not write it, withdrawn; what the public reads meanwhile; the import.

my $site = site(workers => 2);
my $web = $site->browser;
my $worker = $site->worker;                                 # of the district
my $writer = $site->staff(unit => 'wenyilu');
my $other = $site->staff(unit => 'wenyilu', name => 'second');
my $far = $site->staff(unit => 'mawangdui');
my $station = $site->staff(unit => 'wenyilu-1');
my $auditor = $site->staff(role => 'auditor');


sub step {
    my ($browser, $id, $step, %body) = @_;

    return $browser->post("api/staff/courses/$id/$step", json => \%body);
}


sub offered {
    my ($id) = @_;

    my ($it) = grep { $_->{id} eq $id }
               @{$web->get('api/menu')->json->{items}};

    return $it;
}


sub listed {
    my ($browser, $id, $query) = @_;

    my ($it) = grep { $_->{id} eq $id } @{$browser->get(
        'api/staff/courses' . ($query || ''))->json->{items}};

    return $it;
}


sub verbs {
    return join ' ', map { $_->{verb} } grep { $_->{verb} =~ /^course/ }
                     $site->journal;
}


# ---- a draft

my %all = (practice => 'theory', project => 'party', audience => '社区居民',
           summary => "第一行\n第二行", duration_min => 90);

problem($auditor->post('api/staff/courses', json => { title => 'x' }),
        403, 'forbidden', undef, 'who only reads writes no course');
problem($writer->post('api/staff/courses', json => {}), 422, 'invalid',
        ['title'], 'a draft needs a title');
problem($writer->post('api/staff/courses', json => {
            title => 'x', unit => 'furong', practice => 'none' }),
        422, 'invalid', [qw(unit practice)],
        'its unit is one of the scope, what it names is there');

my @new = ('api/staff/courses', json => { title => '手机课堂' },
           headers => { 'Idempotency-Key' => 'new' });
my $r = $writer->post(@new);
my $id = $r->json->{id};

is $r->{status}, 201, 'a title is enough for a draft';
is $r->json->{status}, 'draft', 'and it is one';
is $writer->post(@new)->json->{id}, $id, 'sent twice, it is one course';
ok !offered($id), 'the menu does not have it';
is $web->get("course/$id")->{status}, 404, 'nor is there a page';
is $web->get("api/courses/$id")->{status}, 404, 'nor a document';
ok listed($writer, $id), 'the list of its unit has it';
ok listed($worker, $id), 'and that of the unit above';
ok !listed($far, $id), 'not that of another unit';
ok !listed($station, $id), 'nor of one below';
is $far->get("api/staff/courses/$id")->{status}, 404, 'or its page';
ok listed($far, 'law-01'), 'what is on the menu, everyone has';

$r = $writer->get("api/staff/courses/$id")->json;
is $r->{unit}, 'wenyilu', 'its unit is that of who wrote it';
ok length $r->{provider}, 'which provides it';
is "@{$r->{authors}}", 'worker-wenyilu', 'the author is named';


# ---- for review

problem(step($writer, $id, 'submit'), 422, 'invalid', [keys %all],
        'what is missing before review is named');
problem(step($other, $id, 'publish'), 409, 'state', undef,
        'a draft cannot be published');
$r = $writer->patch("api/staff/courses/$id", json => { %all });
is $r->{status}, 200, 'the rest is filled in';
is $r->json->{summary}, "第一行\n第二行", 'as it was typed';
is step($writer, $id, 'submit')->json->{status}, 'review', 'sent for review';
ok !offered($id), 'the menu still does not have it';
problem($writer->patch("api/staff/courses/$id", json => { title => 'y' }),
        409, 'state', undef, 'what is in review is not changed');
is step($writer, $id, 'recall')->json->{status}, 'draft', 'it is taken back';
is $writer->patch("api/staff/courses/$id", json => {
    submit => 1 })->json->{status}, 'review', 'changed and sent in one';

problem(step($writer, $id, 'publish'), 403, 'own_course', undef,
        'who wrote it does not publish it');
problem(step($far, $id, 'publish'), 404, 'not_found', undef,
        'nor who does not have it in scope');
problem(step($other, $id, 'return'), 422, 'invalid', ['reason'],
        'returning it takes a reason');
$r = step($other, $id, 'return', reason => '对象写得再具体些');
is $r->json->{status}, 'draft', 'returned, it is a draft';
is $writer->get("api/staff/courses/$id")->json->{reason},
   '对象写得再具体些', 'its author reads why';

my $version = $writer->get("api/staff/courses/$id")->json->{version};
is $writer->patch("api/staff/courses/$id", json => {
    audience => '六十岁以上的居民', version => $version })->{status}, 200,
   'changed';
problem($other->patch("api/staff/courses/$id", json => {
            title => '手机', version => $version }),
        409, 'conflict', undef, 'what was changed meanwhile is not lost');
is $other->patch("api/staff/courses/$id", json => {
    summary => '从开机讲起', submit => 1 })->json->{status}, 'review',
   'another one works at it';
problem(step($other, $id, 'publish'), 403, 'own_course', undef,
        'and is an author then');
is join(' ', @{$worker->get("api/staff/courses/$id")->json->{possible}}),
   'recall publish return', 'what the third one may do is said';

is_deeply [map { $_->get('api/staff/today')->json->{courses}{count} }
           $worker, $other, $far], [1, 0, 0],
          'it waits on the first page of who may publish it';
page($worker->get('staff/'), 200, ['等您审核的课程', '手机课堂'],
     'by its name');
is $web->get('menu')->{status}, 200, 'the menu is in the cache';
$r = step($worker, $id, 'publish');
is $r->json->{status}, 'published', 'the third one publishes it';
is offered($id)->{summary}, '从开机讲起', 'the menu has it at once';
page($web->get("course/$id"), 200, ['手机课堂', '从开机讲起'],
     'and it has a page');
is $web->post('api/orders', json => {
    course => $id, unit => 'wenyilu', wanted => [substr Wenming::Site::iso(
        time + 20 * 86400), 0, 10], head_count => 9, contact_name => '某人',
    phone => $site->phone(1) })->{status}, 201, 'that takes orders';
is verbs(), 'course.create course.change course.submit course.recall '
   . 'course.submit course.return course.change course.submit '
   . 'course.publish', 'the journal has every step';


# ---- changing what is public

$r = $writer->patch("api/staff/courses/$id", json => { title => '智能手机课' });
is $r->json->{status}, 'draft', 'a change of what is public is a draft';
ok $r->json->{public}, 'beside what everyone reads';
is $r->json->{shown}{title}, '手机课堂', 'which is shown with it';
is offered($id)->{title}, '手机课堂', 'the public reads what it read';
is step($writer, $id, 'drop')->json->{status}, 'published',
   'a draft that is dropped leaves what is public';
is listed($writer, $id)->{title}, '手机课堂', 'as it was';
is $writer->patch("api/staff/courses/$id", json => {
    title => '智能手机课', submit => 1 })->json->{status}, 'review', 'again';
is step($other, $id, 'publish')->json->{title}, '智能手机课',
   'now the other one has not written it';
is offered($id)->{title}, '智能手机课', 'the menu has the new words';

my $only = $writer->post('api/staff/courses', json => {
    title => '写错了' })->json->{id};

my @drop = ("api/staff/courses/$only/drop", json => {},
            headers => { 'Idempotency-Key' => 'drop' });

$r = $writer->post(@drop);
is_deeply $r->json, { id => $only, dropped => JSON::PP::true() },
          'a new one that is dropped is gone';
is $writer->post(@drop)->{status}, 200, 'also when asked twice';
is $writer->get("api/staff/courses/$only")->{status}, 404, 'really';


# ---- withdrawing

problem(step($other, $id, 'withdraw'), 422, 'invalid', ['reason'],
        'taking it off the menu takes a reason');
$r = step($other, $id, 'withdraw', reason => '老师调走了');
is $r->json->{status}, 'withdrawn', 'withdrawn';
ok !offered($id), 'the menu does not have it';
is $web->get("course/$id")->{status}, 404, 'nor is there a page';
problem($web->post('api/orders', json => {
    course => $id, unit => 'wenyilu', wanted => [substr Wenming::Site::iso(
        time + 20 * 86400), 0, 10], head_count => 9, contact_name => '某人',
    phone => $site->phone(2) }), 422, 'invalid', ['course'],
    'nor can it be ordered');
problem($worker->post('api/staff/events', json => {
    title => 'x', course => $id, unit => 'wenyilu' }), 422, 'invalid',
    ['course'], 'or planned anew');
is $worker->get('api/staff/demand')->json->{items}[0]{title}, '智能手机课',
   'an order that was made before keeps its name';
is listed($writer, $id, '?status=withdrawn')->{reason}, '老师调走了',
   'the list says why';
is $writer->patch("api/staff/courses/$id", json => {
    submit => 1 })->json->{status}, 'review', 'it comes back by review';
step($other, $id, 'publish');
ok offered($id), 'and is on the menu again';


# ---- the list

is join(' ', map { $_->{id} } @{$writer->get(
        'api/staff/courses?q=' . Wenming::Http::escape('智能手机课'))
        ->json->{items}}), $id, 'searched by words';
problem($writer->get('api/staff/courses?status=none'), 422, 'invalid',
        ['status'], 'a state that is none');
problem($writer->patch('api/staff/courses/law-01', json => { title => 'x' }),
        403, 'forbidden', undef,
        'an imported course has no unit: it is the district\'s');
is $worker->patch('api/staff/courses/law-01', json => {
    title => '法律进社区' })->json->{status}, 'draft',
   'whose workers may change it';


# ---- the pages, as a form sends them

my $page = $writer->get('staff/courses/new');

page($page, 200, ['新建课程', '保存并送审'], 'the form of a new one');
$r = $site->send_form($writer, $page, { title => '剪纸', summary => '带剪刀',
                                        submit => 1 }, qr{/staff/courses$});
page($r, 422, ['这一项必须填写', '剪纸', '带剪刀'],
     'what is missing is said at the field, what was typed is kept');
$r = $site->send_form($writer, $r, { %all, title => '剪纸',
    unit => 'wenyilu', submit => 1 }, qr{/staff/courses$});
is $r->{status}, 303, 'complete, it is taken';
my $cut = ($r->header('location') =~ m{([^/]+)$})[0];
page($writer->get("staff/courses/$cut"), 200,
     ['待审核', '正在等没有参与编写的工作人员审核'], 'and waits for another');
$page = $other->get("staff/courses/$cut");
page($page, 200, ['审核通过并发布', '退回修改'], 'who may');
$r = $site->send_form($other, $page, { reason => '' }, qr{/return$});
page($r, 422, ['这一项必须填写'], 'a reason that is missing');
$r = $site->send_form($other, $page, {}, qr{/publish$});
is $r->{status}, 303, 'publishes it by a button';
ok offered($cut), 'and it is on the menu';
page($writer->get("staff/courses/$cut"), 200, ['已发布', '修改课程'],
     'its page says so');
page($far->get("staff/courses/$cut"), 200, ['已发布', '现在没有需要您办理'],
     'others of the staff read it');


# ---- the import writes the same record

$site->import_data($site->{import});
is offered($cut)->{title}, '剪纸', 'an import leaves what it does not have';
step($worker, 'theory-01', 'withdraw', reason => '换教材');
$site->import_data($site->{import});
ok !offered('theory-01'), 'nor does it put back what was withdrawn';


# ---- the archive has both, and brings them back

my $file = "$site->{dir}/furong.db";
my @both = map { $writer->get("api/staff/courses/$_")->{body} } $cut, $id;

sub sql {
    my ($rc, $said) = Wenming::Site::run('sqlite3', '-list', $file, @_);

    return join ' ', split /\n/, Encode::decode('UTF-8', "$rc $said"
                                             =~ s/^0 //r);
}

$writer->patch("api/staff/courses/$cut", json => { title => '剪纸二班' });
$both[0] = $writer->get("api/staff/courses/$cut")->{body};
is(($site->tool('archive', '--to', "sqlite:$file"))[0], 0, 'archived');
is sql("SELECT id, status, title, authors FROM drafts WHERE id = '$cut'"),
   "$cut|draft|剪纸二班|worker-wenyilu", 'a row for the draft';
is sql("SELECT title, unit, changed_by FROM courses WHERE id = '$cut'"),
   '剪纸|wenyilu|second', 'and one for the course';
is sql('SELECT id, reason FROM courses WHERE withdrawn_ms > 0'),
   'theory-01|换教材', 'that one was withdrawn, and why';

$site->stop_nginx;
$site->redis->call('FLUSHALL');
is(($site->tool('restore', '--from', "sqlite:$file"))[0], 0, 'restored');
$site->start_nginx;
$writer = $site->staff(unit => 'wenyilu');
is $writer->get("api/staff/courses/$cut")->{body}, $both[0],
   'the draft is what it was';
is $writer->get("api/staff/courses/$id")->{body}, $both[1],
   'so is what is public';
is(($site->tool('audit'))[0], 0, 'and the journal is whole');

end();
