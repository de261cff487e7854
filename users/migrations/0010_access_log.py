"""Who looked at whose data: rows that are never changed, and go after a year at the earliest."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

KEEP = """
CREATE FUNCTION brightlend_keep_looks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('brightlend.allow_truncate', true) = 'on' THEN
        RETURN NULL;  -- a test database is emptied between tests; nothing else sets this
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < statement_timestamp() - interval '365 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is kept for a year and never changed: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER users_accesslogentry_is_kept BEFORE UPDATE OR DELETE ON users_accesslogentry
    FOR EACH ROW EXECUTE FUNCTION brightlend_keep_looks();
CREATE TRIGGER users_accesslogentry_is_kept_whole BEFORE TRUNCATE ON users_accesslogentry
    FOR EACH STATEMENT EXECUTE FUNCTION brightlend_keep_looks();
"""
FORGET = """
DROP TRIGGER users_accesslogentry_is_kept ON users_accesslogentry;
DROP TRIGGER users_accesslogentry_is_kept_whole ON users_accesslogentry;
DROP FUNCTION brightlend_keep_looks();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0009_notice_schedule'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessLogEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.CharField(help_text='Such as staff:7 or partner:3.', max_length=100)),
                ('actor_name', models.CharField(blank=True, help_text='The login of staff.', max_length=150)),
                ('record', models.CharField(blank=True, help_text='What was looked at: a loan, a payment, the person.', max_length=80)),
                ('filter', models.CharField(blank=True, help_text='Of a list: what was asked for, without the words.', max_length=200)),
                ('origin', models.CharField(help_text='API or ADMIN.', max_length=10)),
                ('action', models.CharField(help_text='The route that was called.', max_length=200)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('borrower', models.ForeignKey(db_index=False, help_text='Whose data was looked at. Empty: a list of many people.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='users.borrower')),
            ],
            options={
                'verbose_name_plural': 'access log entries',
                'indexes': [models.Index(fields=['borrower', '-id'], name='access_log_by_borrower'), models.Index(fields=['actor', '-id'], name='access_log_by_actor'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='access_log_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('borrower', None), ('filter', ''), _connector='OR'), name='access_log_filter_is_of_a_list_of_people')],
            },
        ),
        migrations.RunSQL(KEEP, FORGET),
    ]
